import { useEffect, useRef } from 'preact/hooks';
import { balance } from '../state/account.ts';
import { estimateFor, isBalanceTooLow } from '../state/model.ts';
import { submitMessage } from '../state/send-message.ts';
import { draftFor, outgoing, writeDraft } from '../state/sending.ts';
import { whom } from '../state/site.ts';
import { isLoading, isStopping, running, stop } from '../state/thread.ts';
import { number, strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { sends } from '../ui/keyboard.ts';
import { focusComposer } from './focus.ts';

/** Where words are written; it says what they will cost, and keeps them until they are sent. */
export function Composer({ conversation }: { conversation: string | undefined }) {
  const text = strings.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const content = draftFor(conversation);
  const isOnItsWay = outgoing.value !== undefined;
  useEffect(() => grow(field.current), [content]);

  const send = async () => {
    // Read anew, since what was typed or sent a moment ago may not be drawn yet.
    const words = draftFor(conversation);
    if (words.trim() === '' || running.value || isBalanceTooLow.value) return;
    // The button that was pressed may be gone; who went on to something else stays there.
    if ((await submitMessage(words)) && document.activeElement === document.body) focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!sends(event)) return;
    event.preventDefault();
    void send();
  };
  const isIdle = content.trim() === '' || isOnItsWay || isBalanceTooLow.value || isLoading.value;
  return (
    <form
      class="composer"
      aria-busy={isOnItsWay}
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
        aria-describedby="price"
        value={content}
        onInput={(event) => writeDraft(conversation, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="composer-foot">
        <Price content={content} />
        {running.value ? (
          <button
            type="button"
            class="primary stop"
            disabled={isStopping.value}
            onClick={() => {
              // The button cannot be pressed twice, so it lets go of the focus.
              focusComposer();
              void stop();
            }}
          >
            {text.stop}
          </button>
        ) : (
          <button type="submit" class="primary send" aria-label={text.send} disabled={isIdle}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function Price({ content }: { content: string }) {
  const estimate = estimateFor(content);
  if (!estimate) return <span id="price" />;
  const text = strings.value;
  const { credits, isExact } = estimate;
  if (isBalanceTooLow.value) {
    const words =
      balance.value === 0
        ? text.nothingLeft(whom.value)
        : text.notEnough(number(credits), number(balance.value), whom.value);
    return (
      <span id="price" class="price low">
        {words}
      </span>
    );
  }
  // What is held is cut to what is there.
  const most = isExact ? credits : Math.min(credits, balance.value);
  const exact = most === 0 ? text.costsNothing : text.costs(number(most));
  const words = isExact ? exact : text.costsAtMost(number(most));
  return (
    <span id="price" class="price">
      {words}
    </span>
  );
}

/** As high as its text, up to what the styles allow. */
function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
