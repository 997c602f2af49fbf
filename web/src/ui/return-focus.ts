import { focusComposer } from '../chat/focus.ts';

/** Returns the focus to what opened something, unless something else has taken it since. */
export function returnFocus(opener: Element | null): void {
  const { activeElement } = document;
  if (activeElement !== null && activeElement !== document.body) return;
  if (opener instanceof HTMLElement && opener !== document.body && opener.isConnected) {
    opener.focus();
  } else {
    focusComposer();
  }
}
