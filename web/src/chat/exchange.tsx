import { memo } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { failure } from '../state/sending.ts';
import { excessOf } from '../state/site.ts';
import { liveText } from '../state/thread.ts';
import { failureText, number, strings } from '../strings/strings.ts';
import { isComposing, sends, takeFocus } from '../ui/keyboard.ts';
import { laterPart } from '../ui/later-part.tsx';
import { AnswerLine, wasStopped } from './answer-line.tsx';
import { focusComposer, receiveFocus } from './focus.ts';
import { Thinking } from './thinking.tsx';

const ToolAnswer = laterPart(async () => (await import('./tools/tool-answer.tsx')).ToolAnswer);

interface Actions {
  readonly onRegenerate: (message: Message) => void;
  /** Resolves to whether the new text was accepted. */
  readonly onEdit: (message: Message, content: string) => Promise<boolean>;
}

/** A message and its reply, with the cost. */
export const Exchange = memo(function Exchange(props: { message: Message } & Partial<Actions>) {
  const { message, onRegenerate, onEdit } = props;
  const text = strings.value;
  const isPending = message.status === 'pending';
  const element = useRef<HTMLElement>(null);
  useEffect(() => receiveFocus(message.parent, element.current), []);
  return (
    <article ref={element} class="exchange" data-message={message.id}>
      <Words message={message} onEdit={onEdit} />
      <div class="answer">
        <h2 class="offscreen">{text.answered}</h2>
        <Answer message={message} onRegenerate={onRegenerate} />
        {!isPending && <AnswerLine message={message} onRegenerate={onRegenerate} />}
      </div>
    </article>
  );
});

function Words({ message, onEdit }: { message: Message; onEdit: Actions['onEdit'] | undefined }) {
  const text = strings.value;
  // A text that was not accepted is in the form again.
  const [refused] = useState(() => refusedFor(message.id));
  const [isEdited, setEdited] = useState(refused !== undefined);
  const edit = useRef<HTMLButtonElement>(null);
  if (isEdited && onEdit) {
    return (
      <EditForm
        content={refused ?? message.content}
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
      <div class="bubble">{message.content}</div>
      {onEdit && (
        <div class="words-line">
          <button
            ref={edit}
            type="button"
            class="quiet"
            aria-label={text.editLabel}
            onClick={() => setEdited(true)}
          >
            {text.edit}
          </button>
        </div>
      )}
    </div>
  );
}

function refusedFor(id: string): string | undefined {
  const entry = failure.value?.entry;
  return entry?.editedMessage === id ? entry.content : undefined;
}

function EditForm(props: {
  content: string;
  onSend: (content: string) => Promise<void>;
  onCancel: () => void;
}) {
  const { onSend, onCancel } = props;
  const text = strings.value;
  const [content, setContent] = useState(props.content);
  const [isSending, setSending] = useState(false);
  const excess = excessOf(content);
  const send = async () => {
    if (content.trim() === '' || isSending || excess) return;
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

/** The reply so far, or complete. */
function Answer(props: { message: Message; onRegenerate: Actions['onRegenerate'] | undefined }) {
  const { message, onRegenerate } = props;
  const { id, reply, failure, status } = message;
  const isPending = status === 'pending';
  const text = isPending ? liveText(id).value : (reply ?? '');
  return (
    <>
      <Thinking message={message} />
      {message.tools && <ToolAnswer message={message} text={text} />}
      {text !== '' && !message.tools && <Markdown text={text} isGrowing={isPending} />}
      {failure && !wasStopped(message) && (
        <div class="failure">
          <p>{failureText(message)}</p>
          {status === 'failed' && onRegenerate && (
            <button type="button" onClick={() => onRegenerate(message)}>
              {strings.value.retry}
            </button>
          )}
        </div>
      )}
    </>
  );
}
