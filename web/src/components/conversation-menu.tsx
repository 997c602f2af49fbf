import { useState } from 'preact/hooks';
import { authorized, call } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';
import { changeConversation, deleteConversation, putInList } from '../state/conversations.ts';
import { go, path } from '../state/router.ts';
import { strings } from '../strings/strings.ts';
import { copyText } from './copy.ts';
import { Dialog } from './dialog.tsx';

/** Rename, share, download, delete: everything that can be done with a conversation. */
export function ConversationMenu(props: { conversation: Conversation; onClose: () => void }) {
  const { conversation, onClose } = props;
  const text = strings.value;
  const [title, setTitle] = useState(conversation.title);
  const [isAsking, setAsking] = useState(false);
  const name = conversation.title === '' ? text.untitled : conversation.title;
  const rename = async (event: Event) => {
    event.preventDefault();
    await changeConversation(conversation.id, { title: title.trim() });
    onClose();
  };
  const remove = async () => {
    await deleteConversation(conversation.id);
    if (path.value === `/c/${conversation.id}`) go('/', { replaces: true });
    onClose();
  };
  return (
    <Dialog title={name} onClose={onClose}>
      <form class="row" onSubmit={(event) => void rename(event)}>
        <input
          aria-label={text.rename}
          maxLength={200}
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
        <button type="submit">{text.rename}</button>
      </form>
      <Sharing conversation={conversation} />
      <div class="row">
        <button type="button" onClick={() => void download(conversation, 'markdown')}>
          {text.exportMarkdown}
        </button>
        <button type="button" onClick={() => void download(conversation, 'json')}>
          {text.exportJson}
        </button>
      </div>
      {isAsking ? (
        <div class="question">
          <p>{text.removeQuestion(name)}</p>
          <button type="button" class="bad" onClick={() => void remove()}>
            {text.remove}
          </button>
          <button type="button" onClick={() => setAsking(false)}>
            {text.cancel}
          </button>
        </div>
      ) : (
        <button type="button" class="bad" onClick={() => setAsking(true)}>
          {text.remove}
        </button>
      )}
    </Dialog>
  );
}

function Sharing({ conversation }: { conversation: Conversation }) {
  const text = strings.value;
  const [share, setShare] = useState(conversation.share);
  const [isCopied, setCopied] = useState(false);
  const where = `/api/conversations/${conversation.id}/share/`;
  const begin = async () => {
    const made = await call<{ share: string }>('POST', where, {});
    setShare(made.share);
    putInList({ ...conversation, share: made.share });
  };
  const end = async () => {
    await call('DELETE', where);
    setShare(null);
    putInList({ ...conversation, share: null });
  };
  if (share === null) {
    return (
      <button type="button" onClick={() => void begin()}>
        {text.share}
      </button>
    );
  }
  const link = `${location.origin}${share}`;
  return (
    <div class="question">
      <p>{text.shareText}</p>
      <input readOnly value={link} aria-label={text.share} />
      <button type="button" onClick={() => void copyText(link).then(setCopied)}>
        {isCopied ? text.copied : text.copyLink}
      </button>
      <button type="button" onClick={() => void end()}>
        {text.shareStop}
      </button>
    </div>
  );
}

/** Through a blob, since a link could not send the token. */
async function download(conversation: Conversation, format: 'markdown' | 'json'): Promise<void> {
  const path = `/api/conversations/${conversation.id}/export/?format=${format}`;
  const blob = await (await authorized('GET', path)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${conversation.title || 'chat'}.${format === 'json' ? 'json' : 'md'}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
