import { useState } from 'preact/hooks';
import { copyText } from '../components/copy.ts';
import { time } from '../strings/strings.ts';
import type { Link } from './types.ts';
import { words } from './words/words.ts';

/** A link that works once, shown once. */
export function LinkShown({ link }: { link: Link }) {
  const [isCopied, setCopied] = useState(false);
  const whole = `${location.origin}${link.path}`;
  return (
    <div class="fresh-key" role="status">
      <p>
        {words.value.linkText} {words.value.linkOnce} {time(link.expires_at)}.
      </p>
      <code>{whole}</code>
      <button type="button" onClick={() => void copyText(whole).then(setCopied)}>
        {isCopied ? words.value.copied : words.value.copy}
      </button>
    </div>
  );
}
