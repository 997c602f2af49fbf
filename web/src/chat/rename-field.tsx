import { useRef, useState } from 'preact/hooks';
import type { Conversation } from '../api/types.ts';
import { changeConversation } from '../state/conversations.ts';
import { strings } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';
import { isComposing } from '../ui/keyboard.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/**
 * The title of a chat while it is changed, in its place. Enter and leaving the field save it,
 * Escape leaves it as it was.
 */
export function RenameField(props: {
  conversation: Conversation;
  /** `isKeyboard`: whether the focus goes back to the chat in the list. */
  onDone: (isKeyboard: boolean) => void;
}) {
  const { conversation, onDone } = props;
  const text = strings.value;
  const [title, setTitle] = useState(conversation.title);
  const { fault, setFault, attempt } = useAttempt();
  const isOver = useRef(false);
  const finish = (isKeyboard: boolean) => {
    isOver.current = true;
    onDone(isKeyboard);
  };
  const save = async (isKeyboard: boolean) => {
    const wanted = title.trim();
    if (isOver.current) return;
    if (wanted === conversation.title || (wanted === '' && !isKeyboard)) finish(isKeyboard);
    else if (wanted === '') setFault(text.titleIsBlank);
    else if (await attempt(() => retitle(conversation.id, wanted))) {
      announce(text.renamed);
      finish(isKeyboard);
    }
  };
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        void save(true);
      }}
    >
      <input
        ref={selectAll}
        aria-label={text.rename}
        dir="auto"
        maxLength={200}
        value={title}
        onInput={(event) => setTitle(event.currentTarget.value)}
        onBlur={() => void save(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || isComposing(event)) return;
          // It closes nothing else, and stops no answer.
          event.stopPropagation();
          finish(true);
        }}
      />
      <Fault words={fault} />
    </form>
  );
}

function selectAll(field: HTMLInputElement | null): void {
  if (!field || field === document.activeElement) return;
  field.focus();
  field.select();
}

async function retitle(id: string, title: string): Promise<void> {
  await changeConversation(id, { title });
}
