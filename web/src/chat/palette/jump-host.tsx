import { useEffect } from 'preact/hooks';
import { jump } from '../../state/jump.ts';
import { conversation, isLoading, messages, reveal } from '../../state/thread.ts';
import { orderText } from '../../strings/order/order.ts';
import { announce } from '../../ui/announcer.tsx';
import { endHighlight, highlight } from './highlight.ts';
import '../../styles/palette.css';

/** How long text that is drawn later may still move the match, in milliseconds. */
const SETTLING_MS = 1_500;
/** What takes over from scrolling to the match. */
const TAKEN_OVER = ['wheel', 'pointerdown', 'keydown', 'touchmove'] as const;

/** Goes to the message that a search has found, once its chat is there. */
export function JumpHost() {
  const { value: to } = jump;
  const { value: open } = conversation;
  const isThere = to !== undefined && open?.id === to.conversation && !isLoading.value;
  useEffect(() => {
    if (!to || !isThere) return undefined;
    if (to.message === null || !messages.value.has(to.message)) return undefined;
    reveal(to.message);
    return showMatch(to.message, to.words.split(/\s+/u).filter(Boolean));
  }, [to, isThere]);
  useEffect(() => {
    // Another chat was opened meanwhile.
    const isElsewhere = open !== undefined && open.id !== to?.conversation && !isLoading.value;
    if (isElsewhere && location.pathname.endsWith(open.id)) jump.value = undefined;
  }, [open?.id, isLoading.value]);
  return null;
}

/** Scrolls to the words in a message and marks them. @returns ends that */
function showMatch(message: string, words: readonly string[]): () => void {
  const untilMs = performance.now() + SETTLING_MS;
  let isOver = false;
  let isFirst = true;
  let frame = 0;
  const takeOver = () => {
    isOver = true;
  };
  const show = () => {
    const element = document.querySelector<HTMLElement>(`[data-message="${message}"]`);
    if (element) {
      const first = highlight(element, words);
      const scroller = element.closest('.thread');
      const rect = (first ?? element).getBoundingClientRect();
      const frameRect = scroller?.getBoundingClientRect();
      if (scroller && frameRect) {
        const wanted = frameRect.top + frameRect.height / 3;
        const isVisible = rect.top > frameRect.top + 24 && rect.bottom < frameRect.bottom - 24;
        if (isFirst || !isVisible) scroller.scrollTop += rect.top - wanted;
      }
      if (isFirst) {
        element.tabIndex = -1;
        element.focus({ preventScroll: true });
        announce(orderText.value.shownMatch);
        isFirst = false;
      }
    }
    if (!isOver && performance.now() < untilMs) frame = requestAnimationFrame(show);
  };
  for (const event of TAKEN_OVER) window.addEventListener(event, takeOver, { passive: true });
  frame = requestAnimationFrame(show);
  return () => {
    cancelAnimationFrame(frame);
    for (const event of TAKEN_OVER) window.removeEventListener(event, takeOver);
    endHighlight();
  };
}
