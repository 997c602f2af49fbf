import { time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { Link } from '../types.ts';
import { words } from '../words/words.ts';

/** A link that works once, shown once. */
export function LinkShown({ link }: { link: Link }) {
  const whole = `${location.origin}${link.path}`;
  return (
    <div class="fresh-key" role="status">
      <p>
        {words.value.linkText} {words.value.linkOnce} {time(link.expires_at)}.
      </p>
      <code>{whole}</code>
      <CopyButton text={whole} />
    </div>
  );
}
