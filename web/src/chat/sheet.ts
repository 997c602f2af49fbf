/** The sidebar on a phone: a sheet over the chat that keeps the focus while it is open. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { isComposing } from '../ui/keyboard.ts';
import { isOverlayOpen } from '../ui/popover.tsx';

/** The same breakpoint as in the styles. */
const NARROW = '(max-width: 700px)';

/** Whether the sheet is open, and how to change that. On wide screens it never is. */
export function useSheet() {
  const [isWanted, setWanted] = useState(false);
  const isNarrow = useMatch(NARROW);
  const isOpen = isWanted && isNarrow;
  const close = () => setWanted(false);
  useFocusIn(isOpen);
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
  return { isOpen, open: () => setWanted(isNarrow), close, toggle: () => setWanted(!isWanted) };
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

/** In a search field that is not empty, Escape clears it first. */
function clears(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.value !== '';
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
