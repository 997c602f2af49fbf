import { useRef, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { wordingsOf } from '../state/machines/tree.ts';
import { failure } from '../state/sending.ts';
import { excessOf } from '../state/site.ts';
import { children } from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { isComposing, sends, takeFocus } from '../ui/keyboard.ts';
import { MessageFiles } from './files/late.tsx';
import { focusComposer } from './focus.ts';
import { CostInPlaceOf } from './models/cost-line.tsx';
import { VersionSteps } from './version-steps.tsx';

/** Longer messages are folded. */
const FOLDED_CHARACTERS = 1_500;
const FOLDED_LINES = 16;

/** Resolves to whether the new text was accepted. */
export type OnEdit = (message: Message, content: string) => Promise<boolean>;

/** What the user wrote: in a bubble, or in a form while it is changed. */
export function OwnWords({ message, onEdit }: { message: Message; onEdit: OnEdit | undefined }) {
  const text = strings.value;
  // A text that was not accepted is in the form again.
  const [refused] = useState(() => refusedFor(message.id));
  const [isEdited, setEdited] = useState(refused !== undefined);
  const edit = useRef<HTMLButtonElement>(null);
  if (isEdited && onEdit) {
    return (
      <EditForm
        message={message}
        content={refused ?? message.content}
        mayBeBlank={message.files.length > 0}
        onSend={async (content) => {
          // A text that was not accepted stays in the form.
          if (!(await onEdit(message, content))) return;
          setEdited(false);
          focusComposer();
        }}
        onCancel={() => {
          setEdited(false);
          // Back to the Edit button, once it is rendered again.
          requestAnimationFrame(() => edit.current?.focus());
        }}
      />
    );
  }
  return (
    <div class="words">
      <h2 class="offscreen">{text.you}</h2>
      <MessageFiles files={message.files} isOwn={onEdit !== undefined} />
      {message.content.trim() !== '' && <Bubble content={message.content} />}
      {onEdit && (
        <div class="words-line">
          <CopyButton text={message.content} class="quiet" about={text.copyMessageLabel} />
          <button
            ref={edit}
            type="button"
            class="quiet edit-button"
            aria-label={text.editLabel}
            onClick={() => setEdited(true)}
          >
            <Icon name="pencil" />
            <span>{text.edit}</span>
          </button>
          <Wordings message={message} />
        </div>
      )}
    </div>
  );
}

/** The text of a message; long ones are folded. */
export function Bubble({ content }: { content: string }) {
  const text = strings.value;
  const [isOpen, setOpen] = useState(false);
  const isLong =
    content.length > FOLDED_CHARACTERS ||
    content.split('\n', FOLDED_LINES + 1).length > FOLDED_LINES;
  return (
    <div class="bubble">
      <div class={isLong && !isOpen ? 'bubble-text folded' : 'bubble-text'} dir="auto">
        {content}
      </div>
      {isLong && (
        <button
          type="button"
          class="quiet unfold"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? text.showLess : text.showAll}
        </button>
      )}
    </div>
  );
}

function Wordings({ message }: { message: Message }) {
  const siblings = children.value.get(message.parent ?? '') ?? [];
  return (
    <VersionSteps
      message={message}
      versions={wordingsOf(siblings, message)}
      line="words-line"
      label={strings.value.versionsOfMessage}
    />
  );
}

function refusedFor(id: string): string | undefined {
  const entry = failure.value?.entry;
  return entry?.editedMessage === id ? entry.content : undefined;
}

function EditForm(props: {
  message: Message;
  content: string;
  mayBeBlank: boolean;
  onSend: (content: string) => Promise<void>;
  onCancel: () => void;
}) {
  const { message, onSend, onCancel } = props;
  const text = strings.value;
  const [content, setContent] = useState(props.content);
  const [isSending, setSending] = useState(false);
  const excess = excessOf(content);
  const send = async () => {
    if ((content.trim() === '' && !props.mayBeBlank) || isSending || excess) return;
    setSending(true);
    await onSend(content);
    setSending(false);
  };
  return (
    <form
      class="edit"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={takeFocus}
        aria-label={text.editLabel}
        dir="auto"
        value={content}
        rows={Math.min(10, content.split('\n').length + 1)}
        onInput={(event) => setContent(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Escape closes the form and does not stop an answer.
          if (event.key === 'Escape') event.stopPropagation();
          if (event.key === 'Escape' && !isComposing(event)) onCancel();
          if (!sends(event)) return;
          event.preventDefault();
          void send();
        }}
      />
      {excess && (
        <p class="price low" role="alert">
          {text.messageTooLong(number(excess.length), number(excess.max))}
        </p>
      )}
      <div class="row">
        <CostInPlaceOf message={message} content={content} />
        <button type="button" onClick={onCancel}>
          {text.cancel}
        </button>
        <button type="submit" class="primary" disabled={isSending || excess !== undefined}>
          {text.send}
        </button>
      </div>
    </form>
  );
}
