import { call } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';
import { putInList } from '../state/conversations.ts';
import { siteUrl } from '../state/site-address.ts';
import { strings } from '../strings/strings.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Popover } from '../ui/popover.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** The link to a chat for others: it is made, copied and ended here. */
export function SharePopover(props: {
  conversation: Conversation;
  anchor: HTMLElement;
  onClose: () => void;
}) {
  const { conversation, anchor, onClose } = props;
  const { share } = conversation;
  const text = strings.value;
  const { fault, attempt } = useAttempt();
  const where = `/api/conversations/${conversation.id}/share/`;
  const begin = async () => {
    const made = await call<{ share: string }>('POST', where, {});
    putInList({ ...conversation, share: made.share });
  };
  const end = async () => {
    await call('DELETE', where);
    putInList({ ...conversation, share: null });
  };
  return (
    <Popover anchor={anchor} label={text.share} onClose={onClose} class="share-popover">
      <p>{text.shareText}</p>
      {share === null ? (
        <button type="button" class="primary" onClick={() => void attempt(begin)}>
          {text.share}
        </button>
      ) : (
        <>
          <input readOnly value={siteUrl(share)} aria-label={text.share} />
          <CopyButton text={siteUrl(share)} label={text.copyLink} class="primary" />
          <button type="button" onClick={() => void attempt(end)}>
            {text.shareStop}
          </button>
        </>
      )}
      <Fault words={fault} />
    </Popover>
  );
}
