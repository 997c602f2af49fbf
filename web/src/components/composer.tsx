import type { Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Model } from '../api/types.ts';
import { balance } from '../state/account.ts';
import { estimateOf, readBefore } from '../state/price.ts';
import { whom } from '../state/site.ts';
import { branch, conversation, running, stop } from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';
import { Icon } from './icons.tsx';
import { sends } from './typing.ts';

/** Where words are written; it says what they will cost, and keeps them until they are sent. */
export function Composer(props: {
  draft: Signal<string>;
  model: Model | undefined;
  onSend: (content: string) => Promise<boolean>;
}) {
  const { draft, model, onSend } = props;
  const text = strings.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const { value: content } = draft;
  const [isSending, setSending] = useState(false);
  useEffect(() => grow(field.current), [content]);

  const send = async () => {
    if (content.trim() === '' || running.value || isSending) return;
    setSending(true);
    const isTaken = await onSend(content);
    setSending(false);
    if (!isTaken) return;
    draft.value = '';
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!sends(event)) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        id="composer"
        rows={1}
        placeholder={text.messagePlaceholder}
        aria-label={text.messagePlaceholder}
        value={content}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <div class="composer-foot">
        <Price model={model} content={content} />
        {running.value ? (
          <button
            type="button"
            class="primary stop"
            onClick={() => void stop().catch(() => undefined)}
          >
            {text.stop}
          </button>
        ) : (
          <button
            type="submit"
            class="primary send"
            aria-label={text.send}
            disabled={content.trim() === '' || isSending}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function Price({ model, content }: { model: Model | undefined; content: string }) {
  if (!model) return <span />;
  const text = strings.value;
  const before = readBefore(branch.value, conversation.value?.system_prompt ?? '');
  const { credits, isExact } = estimateOf(model, [...before, content]);
  // What is held is cut to what is there, so only an exact price that is too high stops anything.
  if (isExact ? credits > balance.value : balance.value === 0) {
    const words =
      balance.value === 0
        ? text.nothingLeft(whom.value)
        : text.notEnough(number(credits), number(balance.value), whom.value);
    return <span class="price low">{words}</span>;
  }
  const most = isExact ? credits : Math.min(credits, balance.value);
  const words = isExact ? text.costs(number(most)) : text.costsAtMost(number(most));
  return <span class="price">{words}</span>;
}

/** As high as its text, up to what the styles allow. */
function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
