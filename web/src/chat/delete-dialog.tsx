import type { Conversation } from '../api/types.ts';
import { deleteConversation } from '../state/conversations.ts';
import { go, path } from '../state/router.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** Asks before a chat is deleted, which cannot be undone. */
export function DeleteDialog(props: { conversation: Conversation; onClose: () => void }) {
  const { conversation, onClose } = props;
  const text = strings.value;
  const { fault, attempt } = useAttempt();
  const name = conversation.title === '' ? text.untitled : conversation.title;
  const remove = async () => {
    if (!(await attempt(() => deleteConversation(conversation.id)))) return;
    if (path.value === `/c/${conversation.id}`) go('/', { replaces: true });
    onClose();
  };
  return (
    <Dialog title={text.deleteChat} onClose={onClose}>
      <p dir="auto">{text.removeQuestion(name)}</p>
      <Fault words={fault} />
      <div class="row dialog-actions">
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
        <button type="button" class="bad" onClick={() => void remove()}>
          {text.remove}
        </button>
      </div>
    </Dialog>
  );
}
