/** The thread follows its end until its reader scrolls up, and draws older messages then. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { failure, outgoing } from '../state/sending.ts';
import { running } from '../state/thread.ts';

/** Messages drawn at first; older ones are added when they are scrolled to. */
const DRAWN_AT_FIRST = 30;
const DRAWN_MORE = 40;
/** Messages drawn in one frame: more would block the page. */
const DRAWN_A_FRAME = 2;
/** Within this distance the end counts as reached. */
const END_PIXELS = 48;

/**
 * Where the thread is scrolled to, and how much of it is drawn.
 * @param count of all messages
 */
export function useScrolling(count: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  // A ref, since text may arrive between a wheel event and the next render.
  const follows = useRef(true);
  const lastTop = useRef(0);
  const { drawn, drawMore } = useDrawn(count);
  /** Where the browser does not hold what is seen in its place, it is moved there. */
  const lastDrawn = useRef({ drawn, height: 0 });

  useLayoutEffect(() => {
    const element = scroller.current;
    // A sent message is scrolled into view.
    if (outgoing.value) follows.current = true;
    if (element && follows.current) goToEnd(element, lastTop);
    else if (element) holdInPlace(element, lastDrawn.current);
    lastDrawn.current = { drawn, height: element?.scrollHeight ?? 0 };

    function holdInPlace(thread: HTMLElement, before: { drawn: number; height: number }) {
      if (CSS.supports('overflow-anchor', 'auto') || before.drawn === drawn) return;
      thread.scrollTop += thread.scrollHeight - before.height;
    }
  }, [count, drawn, running.value?.id, failure.value, outgoing.value]);
  useGrowthAtEnd({ scroller, follows, lastTop });

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const isNear = scrollHeight - scrollTop - clientHeight < END_PIXELS;
    // Growth moves the end away; only scrolling up stops following.
    follows.current = isNear || (follows.current && scrollTop >= lastTop.current);
    lastTop.current = scrollTop;
    setAtEnd(follows.current);
    if (follows.current || scrollTop >= clientHeight * 2 || drawn >= count) return;
    // At the very top the browser does not hold what is seen in its place.
    if (scrollTop === 0) element.scrollTop = 1;
    drawMore();
  };
  const onWheel = ({ deltaY }: WheelEvent) => {
    if (deltaY < 0) follows.current = false;
  };
  const toEnd = () => {
    follows.current = true;
    const element = scroller.current;
    if (element) goToEnd(element, lastTop);
  };
  return { scroller, isAtEnd, drawn, toEnd, onScroll, onWheel };
}

/** How many of the newest messages are drawn: a few more with each frame, until it is enough. */
function useDrawn(count: number) {
  const [wanted, setWanted] = useState(DRAWN_AT_FIRST);
  const [drawn, setDrawn] = useState(DRAWN_A_FRAME);
  const isEnough = drawn >= Math.min(wanted, count);
  useEffect(() => {
    if (isEnough) return undefined;
    const frame = requestAnimationFrame(() => setDrawn(drawn + DRAWN_A_FRAME));
    return () => cancelAnimationFrame(frame);
  }, [drawn, isEnough]);
  useEffect(() => {
    // On paper there is no scrolling.
    const onPrint = () => {
      setWanted(Number.POSITIVE_INFINITY);
      setDrawn(Number.POSITIVE_INFINITY);
    };
    window.addEventListener('beforeprint', onPrint);
    return () => window.removeEventListener('beforeprint', onPrint);
  }, []);
  return { drawn, drawMore: () => isEnough && setWanted(drawn + DRAWN_MORE) };
}

/** Text grows, and highlighting and formulas are rendered later: all of that changes the height. */
function useGrowthAtEnd(props: {
  scroller: { current: HTMLDivElement | null };
  follows: { current: boolean };
  lastTop: { current: number };
}): void {
  const { scroller, follows, lastTop } = props;
  useEffect(() => {
    const element = scroller.current;
    const column = element?.firstElementChild;
    if (!element || !column) return;
    const observer = new ResizeObserver(() => {
      if (follows.current) goToEnd(element, lastTop);
    });
    observer.observe(column);
    return () => observer.disconnect();
  }, [scroller, follows, lastTop]);
}

/** The end may be higher up than before: that is not its reader who scrolls up. */
function goToEnd(element: HTMLElement, lastTop: { current: number }): void {
  element.scrollTop = element.scrollHeight;
  lastTop.current = element.scrollTop;
}
