/**
 * The sidebar: beside the chat, where it can be folded away, or on a phone a sheet over the chat
 * that keeps the focus while it is open.
 */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { keep, kept } from '../state/preferences.ts';
import { isComposing } from '../ui/keyboard.ts';
import { isOverlayOpen } from '../ui/popover.tsx';

/** The same breakpoint as in the styles. */
const NARROW = '(max-width: 700px)';
/** As long as the sheet slides. */
const SLIDE_MS = 200;

/** Whether the sidebar is folded away on wide screens; the browser remembers it. */
const isFolded = signal(kept('sidebar') === 'folded');

/** Whether the sidebar is shown, and how to change that. */
export function useSheet() {
  const [isWanted, setWanted] = useState(false);
  const [isSliding, setSliding] = useState(false);
  const isNarrow = useMatch(NARROW);
  const isOpen = isWanted && isNarrow;
  const isHidden = !isNarrow && isFolded.value;
  const slideTo = (next: boolean) => {
    setSliding(next !== isWanted);
    setWanted(next);
  };
  const close = () => slideTo(false);
  useEffect(() => {
    // It slides when its reader opens or closes it, not when the window gets narrow.
    if (!isSliding) return undefined;
    const timer = setTimeout(() => setSliding(false), SLIDE_MS);
    return () => clearTimeout(timer);
  }, [isSliding]);
  useFocusIn(isOpen);
  useFocusBeside(isHidden);
  useEffect(() => {
    if (!isOpen) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isComposing(event)) return;
      if (isOverlayOpen() || clears(event.target)) return;
      // Escape closes the sheet and does not stop the answer.
      event.stopPropagation();
      close();
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [isOpen]);
  const fold = (next: boolean) => {
    isFolded.value = next;
    keep('sidebar', next ? 'folded' : '');
  };
  return {
    /** Whether it is open as a sheet. */
    isOpen,
    /** Whether it is folded away. */
    isHidden,
    isSliding: isSliding && isNarrow,
    open: () => (isNarrow ? slideTo(true) : fold(false)),
    close,
    fold: () => (isNarrow ? close() : fold(true)),
    toggle: () => (isNarrow ? slideTo(!isWanted) : fold(!isFolded.value)),
  };
}

/** Moves the focus into the sheet when it opens, and back to its button when it closes. */
function useFocusIn(isOpen: boolean): void {
  const wasOpen = useRef(false);
  useEffect(() => {
    if (isOpen === wasOpen.current) return;
    wasOpen.current = isOpen;
    const sheet = document.querySelector('.sidebar');
    const { activeElement } = document;
    const isInside = sheet?.contains(activeElement) ?? false;
    if (isOpen && !isInside) sheet?.querySelector('a')?.focus();
    const isLost = isInside || activeElement === null || activeElement === document.body;
    const toggle = document.querySelector<HTMLElement>('.menu-toggle');
    if (!isOpen && isLost) requestAnimationFrame(() => toggle?.focus());
  }, [isOpen]);
}

/** The button that folds the sidebar away goes with it; the one that brings it back takes over. */
function useFocusBeside(isHidden: boolean): void {
  const wasHidden = useRef(isHidden);
  useLayoutEffect(() => {
    if (isHidden === wasHidden.current) return;
    wasHidden.current = isHidden;
    const { activeElement } = document;
    const isLost =
      activeElement === null ||
      activeElement === document.body ||
      activeElement.matches('.fold, .menu-toggle');
    const button = document.querySelector<HTMLElement>(isHidden ? '.menu-toggle' : '.fold');
    if (isLost) button?.focus();
  }, [isHidden]);
}

/** In a search field that is not empty, Escape clears it first; in a title it restores that. */
function clears(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLInputElement)) return false;
  return target.value !== '' || target.closest('.rename') !== null;
}

function useMatch(query: string): boolean {
  const [isMatch, setMatch] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const onChange = () => setMatch(media.matches);
    media.addEventListener('change', onChange);
    return () => media.removeEventListener('change', onChange);
  }, [query]);
  return isMatch;
}
