import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isTouchScreen } from '../chat/focus.ts';
import { placeBeside } from './place-beside.ts';
import { returnFocus } from './return-focus.ts';
import '../styles/popover.css';

export interface PopoverProps {
  /** What it is about, and stands beside: usually the button that opened it. */
  readonly anchor: HTMLElement;
  readonly label: string;
  /** Called once it was closed; then it must no longer be rendered. */
  readonly onClose: () => void;
  /** Which edges are in line; the left ones by default. */
  readonly align?: 'start' | 'end' | undefined;
  /** Where it is if both sides have room; below by default. */
  readonly side?: 'below' | 'above' | undefined;
  readonly role?: 'dialog' | 'menu' | 'listbox' | undefined;
  readonly class?: string | undefined;
  readonly onKeyDown?: ((event: KeyboardEvent) => void) | undefined;
  readonly children: ComponentChildren;
}

const AUTOFOCUS_FIELD = 'input[autofocus], textarea[autofocus]';
const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]';

/**
 * Content that floats beside what it is about, rendered while it is open. Escape, a click outside
 * and the back gesture of a phone close it; then the focus returns to what it was opened from. An
 * element with `autofocus` has the focus first, else the first one that can have it; on a touch
 * screen no field has it, since that would open the keyboard.
 */
export function Popover(props: PopoverProps): JSX.Element {
  const { anchor, label, onClose, role = 'dialog', children } = props;
  const { align = 'start', side = 'below' } = props;
  const element = useRef<HTMLDivElement>(null);
  // Removing it closes it as well, which its owner knows.
  const isGone = useRef(false);
  useLayoutEffect(() => {
    const { current: popover } = element;
    if (!popover) return;
    isGone.current = false;
    const opener = popover.contains(document.activeElement) ? anchor : document.activeElement;
    // The browser itself gives the focus to it.
    if (isTouchScreen()) popover.querySelector(AUTOFOCUS_FIELD)?.removeAttribute('autofocus');
    popover.showPopover();
    const stopPlacing = keepBeside(anchor, popover, { align, side });
    const stopSwallowing = swallowClicksOn(anchor);
    takeFirstFocus(popover);
    return () => {
      isGone.current = true;
      stopPlacing();
      stopSwallowing();
      if (popover.matches(':popover-open')) popover.hidePopover();
      const isBody = opener === null || opener === document.body;
      requestAnimationFrame(() => returnFocus(isBody ? anchor : opener));
    };
  }, [anchor]);
  const onToggle = ({ newState }: { newState: string }) => {
    if (newState === 'closed' && !isGone.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: It has one of the roles above.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: Each of them may have a label.
    <div
      ref={element}
      popover="auto"
      class={`popover ${props.class ?? ''}`}
      role={role}
      aria-label={label}
      tabIndex={-1}
      onToggle={onToggle}
      onKeyDown={(event) => {
        props.onKeyDown?.(event);
        // The browser closes it; the page's own shortcuts do not see the key.
        if (event.key === 'Escape') event.stopPropagation();
      }}
    >
      {children}
    </div>
  );
}

/** Whether something lies over the page that has the keyboard to itself. */
export function isOverlayOpen(): boolean {
  return document.querySelector('dialog[open], :popover-open') !== null;
}

function takeFirstFocus(popover: HTMLElement): void {
  if (popover.contains(document.activeElement)) return;
  const wanted = popover.querySelector<HTMLElement>('[autofocus]');
  const first = wanted ?? popover.querySelector<HTMLElement>(FOCUSABLE);
  const isField = first?.matches('input, textarea') ?? false;
  if (first && !(isField && isTouchScreen())) first.focus();
  else popover.focus();
}

/** Places it, again whenever it, its anchor or the window changes. */
function keepBeside(
  anchor: HTMLElement,
  popover: HTMLElement,
  wanted: { readonly align: 'start' | 'end'; readonly side: 'below' | 'above' },
): () => void {
  const place = () => {
    const { width, height: shown } = popover.getBoundingClientRect();
    const height = Math.max(
      shown,
      popover.scrollHeight + (popover.offsetHeight - popover.clientHeight),
    );
    const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
    const found = placeBeside(anchor.getBoundingClientRect(), { width, height }, view, wanted);
    popover.style.left = `${found.left}px`;
    popover.style.top = `${found.top}px`;
    popover.style.maxHeight = `${found.maxHeight}px`;
  };
  place();
  const observer = new ResizeObserver(place);
  observer.observe(popover);
  window.addEventListener('resize', place);
  window.addEventListener('scroll', place, { capture: true, passive: true });
  return () => {
    observer.disconnect();
    window.removeEventListener('resize', place);
    window.removeEventListener('scroll', place, { capture: true });
  };
}

/** A press on the anchor closes the popover, as any outside does; its click must not reopen it. */
function swallowClicksOn(anchor: HTMLElement): () => void {
  const swallow = (event: Event) => {
    event.stopPropagation();
    event.preventDefault();
  };
  const onPointerDown = ({ target }: Event) => {
    if (!(target instanceof Node) || !anchor.contains(target)) return;
    anchor.addEventListener('click', swallow, { capture: true, once: true });
    // A press that becomes no click is over by the next one.
    const forget = () => anchor.removeEventListener('click', swallow, { capture: true });
    requestAnimationFrame(() =>
      window.addEventListener('pointerdown', forget, { capture: true, once: true }),
    );
  };
  window.addEventListener('pointerdown', onPointerDown, { capture: true });
  return () => window.removeEventListener('pointerdown', onPointerDown, { capture: true });
}
