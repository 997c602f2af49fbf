/** Keyboard shortcuts. `?` lists them. */
import { useLayoutEffect } from 'preact/hooks';
import { go } from '../state/router.ts';
import { running, stop } from '../state/thread.ts';
import { isComposing } from '../ui/keyboard.ts';
import { isOverlayOpen } from '../ui/popover.tsx';
import { focusComposer } from './focus.ts';
import { openPalette, preparePalette } from './palette/palette-host.tsx';

/** Handles the chat's shortcuts while it is shown. */
export function useShortcuts({ onHelp }: { readonly onHelp: () => void }): void {
  // Before the page is drawn: a key that is pressed at once would be lost.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isCommand = event.metaKey || event.ctrlKey;
      const isTyping = (event.target as Element).matches('input, textarea, select');
      const key = event.key.toLowerCase();
      const act = (action: () => void) => {
        event.preventDefault();
        action();
      };
      if (key === 'control' || key === 'meta') preparePalette();
      if (isOverlayOpen() || isComposing(event)) return;
      if (isCommand && event.shiftKey && key === 'o') act(beginAnew);
      else if (isCommand && event.shiftKey && key === 'c') act(copyLast);
      else if (isCommand && key === 'k') act(openPalette);
      else if (isCommand && event.key === '/') act(onHelp);
      else if (event.key === 'Escape' && running.value && !isElsewhere(event.target)) act(stopNow);
      else if (!isTyping && event.key === '/') act(() => focusOn('composer'));
      else if (!isTyping && event.key === '?') act(onHelp);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [onHelp]);
}

/** A field in which Escape has its own meaning, and does not stop a paid answer. */
function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, select, .edit *, .rename *');
}

function beginAnew(): void {
  go('/');
  focusComposer();
}

function stopNow(): void {
  void stop();
  focusComposer();
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

function copyLast(): void {
  // By its button, which shows the outcome.
  [...document.querySelectorAll<HTMLElement>('.copy-answer')].at(-1)?.click();
}
