/** Keys for everything. They are listed by `?`. */
import { useEffect } from 'preact/hooks';
import { go } from '../state/router.ts';
import { branch, running, stop } from '../state/thread.ts';
import { copyText } from './copy.ts';

/** Listens for the keys of the chat as long as it is shown. */
export function useShortcuts(options: {
  readonly onHelp: () => void;
  readonly onMenu: () => void;
}): void {
  const { onHelp, onMenu } = options;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isCommand = event.metaKey || event.ctrlKey;
      const isTyping = (event.target as Element).matches('input, textarea, select');
      const isInDialog = document.querySelector('dialog[open]') !== null;
      const key = event.key.toLowerCase();
      const act = (action: () => void) => {
        event.preventDefault();
        action();
      };
      if (isInDialog) return;
      if (isCommand && event.shiftKey && key === 'o') act(() => go('/'));
      else if (isCommand && event.shiftKey && key === 'c') act(copyLast);
      else if (isCommand && key === 'k') act(() => focusSearch(onMenu));
      else if (event.key === 'Escape' && running.value) act(() => void stop());
      else if (!isTyping && event.key === '/') act(() => focusOn('composer'));
      else if (!isTyping && event.key === '?') act(onHelp);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [onHelp, onMenu]);
}

function focusSearch(onMenu: () => void): void {
  onMenu();
  requestAnimationFrame(() => focusOn('search'));
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

function copyLast(): void {
  const reply = branch.value.findLast((it) => it.reply)?.reply;
  if (reply) void copyText(reply);
}
