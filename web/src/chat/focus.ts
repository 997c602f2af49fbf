/** Where the focus goes when what had it is gone, so that nobody at a keyboard begins anew. */
import { useEffect, useLayoutEffect } from 'preact/hooks';

/** Whether a keyboard on the screen would come up, over the page, with a field that has focus. */
export function isOnGlass(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}

/** Lets the next message be written at once. */
export function focusComposer(): void {
  if (isOnGlass()) return;
  requestAnimationFrame(() => document.getElementById('composer')?.focus());
}

/** The composer has the focus where a chat is opened, and after Stop, which is gone then. */
export function useComposerFocus(id: string | undefined, isRunning: boolean): void {
  useEffect(() => {
    // Who has gone on to something else in the chat meanwhile is not fetched back.
    if (!document.activeElement?.closest('main')) focusComposer();
  }, [id]);
  // Before the browser takes the focus away from a button that cannot be pressed any more.
  useLayoutEffect(() => {
    if (!isRunning && document.activeElement?.matches('.composer button')) focusComposer();
  }, [isRunning]);
}

/** Which version of some words is about to be shown in place of which, and by which control. */
let passed: { readonly parent: string | null; readonly control: string } | undefined;

/** Gives the focus to the same control of the version that takes the place of this one. */
export function passFocus(parent: string | null, control: string): void {
  passed = { parent, control };
}

/** Takes the focus that was passed on to what follows a message, once that is drawn. */
export function receiveFocus(parent: string | null, element: HTMLElement | null): void {
  if (passed?.parent !== parent) return;
  const { control } = passed;
  passed = undefined;
  // At the first and the last version one of two ways ends; the other leads on.
  const found =
    element?.querySelector<HTMLElement>(`${control}:enabled`) ??
    element?.querySelector<HTMLElement>('.branches button:enabled');
  if (found) found.focus();
  else focusComposer();
}
