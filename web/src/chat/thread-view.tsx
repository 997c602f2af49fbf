import type { Message } from '../api/types.ts';
import { refusedText } from '../credits/shortage-text.ts';
import { IN_FLIGHT_ID } from '../state/machines/thread.ts';
import { isBalanceTooLow } from '../state/model.ts';
import { failure } from '../state/sending.ts';
import { isCutOff, shown as shownMessages, title } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Exchange } from './exchange.tsx';
import { Bubble } from './own-words.tsx';
import { useScrolling } from './scrolling.ts';

/** The branch that is shown. It follows the end until its reader scrolls up. */
export function ThreadView(props: {
  onRegenerate: (message: Message) => void;
  onEdit: (message: Message, content: string) => Promise<boolean>;
  onRetry: () => void;
}) {
  const { onRegenerate, onEdit, onRetry } = props;
  const all = shownMessages.value;
  const { scroller, isAtEnd, drawn, toEnd, ...handlers } = useScrolling(all.length);
  const name = title.value || strings.value.untitled;
  useTitle(name);
  return (
    <div class={isAtEnd ? 'thread-frame' : 'thread-frame goes-on'}>
      <h1 class="offscreen">{name}</h1>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls can be scrolled by keys. */}
      <div class="thread" ref={scroller} {...handlers} tabIndex={0}>
        <div class="column">
          {all.slice(-drawn).map((message) => (
            <Exchange
              key={message.id}
              message={message}
              {...(message.id === IN_FLIGHT_ID ? {} : { onRegenerate, onEdit })}
            />
          ))}
          {isCutOff.value && <p class="notice">{strings.value.reconnecting}</p>}
          <SendFailure onRetry={onRetry} />
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" aria-label={strings.value.toEnd} onClick={toEnd}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function SendFailure({ onRetry }: { onRetry: () => void }) {
  const text = strings.value;
  const { value: failed } = failure;
  if (!failed) return null;
  const { kind, error, isDetachedFromComposer, entry } = failed;
  const words = refusedText(error);
  // The composer already shows what is missing; and an edit is retried in its form.
  const isSaid = kind === 'balance' && isBalanceTooLow.value;
  const mayRetry =
    entry.editedMessage === undefined && (kind !== 'balance' || isDetachedFromComposer);
  return (
    <>
      {isDetachedFromComposer && entry.purpose !== 'regenerate' && (
        <article class="exchange">
          <section class="words" aria-label={text.you}>
            <Bubble content={entry.content} />
          </section>
        </article>
      )}
      {!isSaid && (
        <div class="send-failure" role="alert">
          <p>{words}</p>
          {mayRetry && (
            <button type="button" onClick={onRetry}>
              {text.retry}
            </button>
          )}
        </div>
      )}
    </>
  );
}
