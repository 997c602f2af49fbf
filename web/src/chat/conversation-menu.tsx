import { useState } from 'preact/hooks';
import { download } from '../api/download.ts';
import type { Conversation } from '../api/types.ts';
import { changeConversation, deleteConversation } from '../state/conversations.ts';
import { go, path } from '../state/router.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { openShareDialog } from './share/share-host.tsx';

/** Rename, share, download, delete: everything that can be done with a conversation. */
export function ConversationMenu(props: { conversation: Conversation; onClose: () => void }) {
  const { conversation, onClose } = props;
  const text = strings.value;
  const [title, setTitle] = useState(conversation.title);
  const { fault, setFault, attempt } = useAttempt();
  const name = conversation.title === '' ? text.untitled : conversation.title;
  const rename = async (event: Event) => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted === '') setFault(text.titleIsBlank);
    else if (await attempt(() => retitle(conversation.id, wanted))) onClose();
  };
  const remove = async () => {
    const isDeleted = await attempt(() => deleteConversation(conversation.id));
    if (!isDeleted) return;
    if (path.value === `/c/${conversation.id}`) go('/', { replaces: true });
    onClose();
  };
  const get = (format: Format) => void attempt(() => exported(conversation, format));
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
      <div class="actions">
        <button
          type="button"
          onClick={() => {
            onClose();
            openShareDialog(conversation.id);
          }}
        >
          {text.share}
        </button>
      </div>
      <div class="actions">
        <button type="button" onClick={() => get('markdown')}>
          {text.exportMarkdown}
        </button>
        <button type="button" onClick={() => get('json')}>
          {text.exportJson}
        </button>
      </div>
      <Removing name={name} onRemove={() => void remove()} />
      <Fault words={fault} />
    </Dialog>
  );
}

function Removing({ name, onRemove }: { name: string; onRemove: () => void }) {
  const text = strings.value;
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <div class="actions">
        <button type="button" class="bad" onClick={() => setAsking(true)}>
          {text.remove}
        </button>
      </div>
    );
  }
  return (
    <div class="actions">
      <p>{text.removeQuestion(name)}</p>
      <button type="button" class="bad" onClick={onRemove}>
        {text.remove}
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        {text.cancel}
      </button>
    </div>
  );
}

type Format = 'markdown' | 'json';

async function retitle(id: string, title: string): Promise<void> {
  await changeConversation(id, { title });
}

function exported({ id, title }: Conversation, format: Format): Promise<void> {
  const where = `/api/conversations/${id}/export/?format=${format}`;
  return download(where, `${title || 'chat'}.${format === 'json' ? 'json' : 'md'}`);
}
