import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { refusedText } from '../credits/shortage-text.ts';
import { drawnForJump } from '../state/jump.ts';
import { IN_FLIGHT_ID } from '../state/machines/thread.ts';
import { isBalanceTooLow } from '../state/model.ts';
import { failure, outgoing } from '../state/sending.ts';
import { isCutOff, liveText, running, shown as shownMessages, title } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Exchange } from './exchange.tsx';

/** Messages rendered at first; older ones are added when they are scrolled to. */
const DRAWN_AT_FIRST = 30;
const DRAWN_MORE = 60;
/** Within this distance the end counts as reached. */
const END_PIXELS = 48;

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
          {all.slice(-Math.max(drawn, drawnForJump(all))).map((message) => (
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

/** Follows the end while its reader is there, and renders older messages on demand. */
function useScrolling(count: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  // A ref, since text may arrive between a wheel event and the next render.
  const follows = useRef(true);
  const lastTop = useRef(0);
  const [drawn, setDrawn] = useState(DRAWN_AT_FIRST);
  const written = running.value ? liveText(running.value.id).value.length : 0;

  useLayoutEffect(() => {
    const element = scroller.current;
    // A sent message is scrolled into view.
    if (outgoing.value) follows.current = true;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [count, written, running.value?.id, failure.value, outgoing.value]);
  useGrowthAtEnd(scroller, follows);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const isNear = scrollHeight - scrollTop - clientHeight < END_PIXELS;
    // Growth moves the end away; only scrolling up stops following.
    follows.current = isNear || (follows.current && scrollTop >= lastTop.current);
    lastTop.current = scrollTop;
    setAtEnd(follows.current);
    if (scrollTop < clientHeight && drawn < count) {
      const fromEnd = scrollHeight - scrollTop;
      setDrawn(drawn + DRAWN_MORE);
      requestAnimationFrame(() => {
        element.scrollTop = element.scrollHeight - fromEnd;
      });
    }
  };
  const onWheel = ({ deltaY }: WheelEvent) => {
    if (deltaY < 0) follows.current = false;
  };
  const toEnd = () => {
    follows.current = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  return { scroller, isAtEnd, drawn, toEnd, onScroll, onWheel };
}

/** Highlighting and formulas are rendered later, and change the height. */
function useGrowthAtEnd(
  scroller: { current: HTMLDivElement | null },
  follows: { current: boolean },
): void {
  useEffect(() => {
    const element = scroller.current;
    const column = element?.firstElementChild;
    if (!element || !column) return;
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(column);
    return () => observer.disconnect();
  }, [scroller, follows]);
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
            <div class="bubble">{entry.content}</div>
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
