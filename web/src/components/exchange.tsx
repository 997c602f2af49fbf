import { memo } from 'preact/compat';
import { useRef, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { children, failure, liveText, showBranch } from '../state/thread.ts';
import { number, said, secondsText, strings } from '../strings/strings.ts';
import { copyText } from './copy.ts';
import { Icon } from './icons.tsx';
import { sends, takeFocus } from './typing.ts';

interface Actions {
  readonly onRegenerate: (message: Message) => void;
  readonly onEdit: (message: Message, content: string) => void;
}

/** What was said and what was answered, with what it cost. */
export const Exchange = memo(function Exchange(props: { message: Message } & Partial<Actions>) {
  const { message, onRegenerate, onEdit } = props;
  const text = strings.value;
  const isPending = message.status === 'pending';
  return (
    <article class="exchange" data-message={message.id}>
      <Words message={message} onEdit={onEdit} />
      <section class="answer" aria-label={text.answered}>
        <Answer message={message} onRegenerate={onRegenerate} />
        {!isPending && <AnswerLine message={message} onRegenerate={onRegenerate} />}
      </section>
    </article>
  );
});

function Words({ message, onEdit }: { message: Message; onEdit: Actions['onEdit'] | undefined }) {
  const text = strings.value;
  // Words that were not taken are in their place again, to be sent once more.
  const [refused] = useState(() => refusedFor(message.id));
  const [isEdited, setEdited] = useState(refused !== undefined);
  const edit = useRef<HTMLButtonElement>(null);
  if (isEdited && onEdit) {
    return (
      <EditForm
        content={refused ?? message.content}
        onSend={(content) => {
          setEdited(false);
          onEdit(message, content);
        }}
        onCancel={() => {
          setEdited(false);
          // Where the reader came from, once it is there again.
          requestAnimationFrame(() => edit.current?.focus());
        }}
      />
    );
  }
  return (
    <section class="words" aria-label={text.you}>
      <div class="bubble">{message.content}</div>
      <div class="words-line">
        {onEdit && (
          <button
            ref={edit}
            type="button"
            class="quiet"
            aria-label={text.editLabel}
            onClick={() => setEdited(true)}
          >
            {text.edit}
          </button>
        )}
      </div>
    </section>
  );
}

function refusedFor(id: string): string | undefined {
  const intention = failure.value?.intention;
  return intention?.edited === id ? intention.content : undefined;
}

function EditForm(props: {
  content: string;
  onSend: (content: string) => void;
  onCancel: () => void;
}) {
  const { onSend, onCancel } = props;
  const text = strings.value;
  const [content, setContent] = useState(props.content);
  const send = () => {
    if (content.trim() !== '') onSend(content);
  };
  return (
    <form
      class="edit"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={takeFocus}
        aria-label={text.editLabel}
        value={content}
        rows={Math.min(10, content.split('\n').length + 1)}
        onInput={(event) => setContent(event.currentTarget.value)}
        onKeyDown={(event) => {
          // An answer that is being written is not what is left by it.
          if (event.key === 'Escape') event.stopPropagation();
          if (event.key === 'Escape') onCancel();
          if (!sends(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="row">
        <button type="submit" class="primary">
          {text.send}
        </button>
        <button type="button" onClick={onCancel}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}

/** What is there of the answer; at its end it stays as it was drawn. */
function Answer(props: { message: Message; onRegenerate: Actions['onRegenerate'] | undefined }) {
  const { message, onRegenerate } = props;
  const { id, reply, failure, status } = message;
  const isPending = status === 'pending';
  const text = isPending ? liveText(id).value : (reply ?? '');
  return (
    <>
      {text !== '' && <Markdown text={text} isGrowing={isPending} />}
      {text === '' && isPending && <p class="thinking">{strings.value.thinking}</p>}
      {failure && (
        <div class="failure">
          <p>{said(failure)}</p>
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

function AnswerLine(props: {
  message: Message;
  onRegenerate: Actions['onRegenerate'] | undefined;
}) {
  const { message, onRegenerate } = props;
  const { reply, model, cost, status, created_at: begun, ended_at: ended } = message;
  const text = strings.value;
  const [isCopied, setCopied] = useState(false);
  const took = ended === null ? undefined : Date.parse(ended) - Date.parse(begun);
  return (
    <div class="answer-line">
      {reply && (
        <button type="button" class="quiet" onClick={() => void copyText(reply).then(setCopied)}>
          {isCopied ? text.copied : text.copy}
        </button>
      )}
      {onRegenerate && status !== 'failed' && (
        <button
          type="button"
          class="quiet"
          aria-label={text.regenerateLabel}
          onClick={() => onRegenerate(message)}
        >
          {text.regenerate}
        </button>
      )}
      {onRegenerate && <Branches message={message} />}
      {typeof cost === 'number' && status !== 'failed' && (
        <a class="cost" href={`/statement#${message.id}`}>
          {[
            text.costLine(number(cost)),
            model,
            ...(took === undefined ? [] : [text.seconds(secondsText(took))]),
          ].join(' · ')}
        </a>
      )}
    </div>
  );
}

/** Which version of some words this is, and the way to the others. */
function Branches({ message }: { message: Message }) {
  const text = strings.value;
  const siblings = children.value.get(message.parent ?? '') ?? [];
  if (siblings.length < 2) return null;
  const place = siblings.findIndex(({ id }) => id === message.id);
  const step = (by: number) => {
    const sibling = siblings[place + by];
    if (sibling) showBranch(sibling.id);
  };
  return (
    <span class="branches">
      <button
        type="button"
        class="quiet"
        aria-label={text.previousBranch}
        disabled={place === 0}
        onClick={() => step(-1)}
      >
        <Icon name="left" />
      </button>
      {text.branchOf(place + 1, siblings.length)}
      <button
        type="button"
        class="quiet"
        aria-label={text.nextBranch}
        disabled={place === siblings.length - 1}
        onClick={() => step(1)}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}
