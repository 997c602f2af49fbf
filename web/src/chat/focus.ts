/** Where the focus goes when the focused element disappears. */
import { useEffect, useLayoutEffect } from 'preact/hooks';

/** Whether focus in a field would open an on-screen keyboard. */
export function isTouchScreen(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}

/** Focuses the composer. */
export function focusComposer(): void {
  if (isTouchScreen()) return;
  requestAnimationFrame(() => document.getElementById('composer')?.focus());
}

/** Focuses the composer when a chat is opened, and when the Stop button disappears. */
export function useComposerFocus(id: string | undefined, isRunning: boolean): void {
  useEffect(() => {
    // A reader who focused something else in the chat meanwhile keeps that.
    if (!document.activeElement?.closest('main')) focusComposer();
  }, [id]);
  // A layout effect, before the browser drops the focus of a disabled button.
  useLayoutEffect(() => {
    if (!isRunning && document.activeElement?.matches('.composer button')) focusComposer();
  }, [isRunning]);
}

/** The control to focus in the version of a message that is about to be shown. */
let passed: { readonly parent: string | null; readonly control: VersionControl } | undefined;

/** A button to another version: of which line, and in which direction. */
export interface VersionControl {
  readonly line: 'words-line' | 'answer-line';
  readonly name: 'previous' | 'next';
}

/** Passes the focus to the same control of the version that replaces this one. */
export function passFocus(parent: string | null, control: VersionControl): void {
  passed = { parent, control };
}

/** Takes the focus that was passed on, once the new version is rendered. */
export function receiveFocus(parent: string | null, element: HTMLElement | null): void {
  if (passed?.parent !== parent) return;
  const { line, name } = passed.control;
  passed = undefined;
  // At the first and last version one of the two buttons is disabled.
  const found =
    element?.querySelector<HTMLElement>(`.${line} .${name}:enabled`) ??
    element?.querySelector<HTMLElement>(`.${line} .branches button:enabled`);
  if (found) found.focus();
  else focusComposer();
}
