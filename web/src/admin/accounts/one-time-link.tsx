import { siteUrl } from '../../state/site-address.ts';
import { time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { Link } from '../types.ts';
import { words } from '../words/words.ts';

/** A link that works once. The server does not tell it again. */
export function OneTimeLink({ link }: { link: Link }) {
  const url = siteUrl(link.path);
  return (
    <div class="fresh-key" role="status">
      <p>
        {words.value.linkText} {words.value.linkExpires(time(link.expires_at))}
      </p>
      <code>{url}</code>
      <CopyButton text={url} />
    </div>
  );
}
