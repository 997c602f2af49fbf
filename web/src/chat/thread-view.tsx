import type { Message } from '../api/types.ts';
import { isUnreachable } from '../api/unreachable.ts';
import { refusedText } from '../credits/shortage-text.ts';
import { drawnForJump } from '../state/jump.ts';
import type { SendFailure as Failure } from '../state/machines/sending.ts';
import { IN_FLIGHT_ID } from '../state/machines/thread.ts';
import { isBalanceTooLow } from '../state/model.ts';
import { failure } from '../state/sending.ts';
import { isCutOff, shown as shownMessages, title } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Exchange } from './exchange.tsx';
import { Comparable } from './models/comparable.tsx';
import { CostInPlaceOf } from './models/cost-line.tsx';
import { Bubble } from './own-words.tsx';
import { useScrolling } from './scrolling.ts';

const readOnly = (message: Message) => <Exchange message={message} />;

/** The branch that is shown. It follows the end until its reader scrolls up. */
export function ThreadView(props: {
  onRegenerate: (message: Message) => void;
  onEdit: (message: Message, content: string) => Promise<boolean>;
  onRetry: () => void;
  onSendAsNew: () => void;
}) {
  const { onRegenerate, onEdit, onRetry, onSendAsNew } = props;
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
          {all.slice(-Math.max(drawn, drawnForJump(all))).map((message) => (
            <Comparable
              key={message.id}
              message={message}
              isLast={message === all.at(-1)}
              exchange={readOnly}
            >
              <Exchange
                message={message}
                {...(message.id === IN_FLIGHT_ID ? {} : { onRegenerate, onEdit })}
              />
            </Comparable>
          ))}
          {isCutOff.value && <p class="notice">{strings.value.reconnecting}</p>}
          <SendFailure onRetry={onRetry} onSendAsNew={onSendAsNew} />
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

function SendFailure(props: { onRetry: () => void; onSendAsNew: () => void }) {
  const text = strings.value;
  const { value: failed } = failure;
  if (!failed) return null;
  const { kind, isDetachedFromComposer, entry } = failed;
  const words = wordsOf(failed);
  // The composer already shows what is missing; and an edit is retried in its form.
  const isSaid = kind === 'balance' && isBalanceTooLow.value;
  const mayRetry =
    entry.editedMessage === undefined &&
    kind !== 'deleted' &&
    (kind !== 'balance' || isDetachedFromComposer);
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
            <button type="button" onClick={props.onRetry}>
              {text.retry}
            </button>
          )}
          {mayRetry && (
            <CostInPlaceOf
              message={{ ...entry, files: entry.files ?? [] }}
              content={entry.content}
            />
          )}
          {kind === 'deleted' && (
            <button type="button" onClick={props.onSendAsNew}>
              {text.sendAsNew}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function wordsOf({ kind, error }: Failure): string {
  const { value: text } = strings;
  if (kind === 'deleted') return text.deletedElsewhere;
  // That it cannot be reached is said only for as long as it is so.
  return kind === 'network' && !isUnreachable.value ? text.notSent : refusedText(error);
}
