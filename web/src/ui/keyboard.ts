/** What keys do where words are written. */

/** Whether a key sends what was written: Enter, where there are other keys besides. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.shiftKey) return false;
  // Who composes a character with Enter does not mean to send.
  if (isComposing(event)) return false;
  // On glass there is no Shift to hold, and a button to send beside the keyboard.
  return !matchMedia('(pointer: coarse)').matches;
}

/** Whether a key belongs to a character that is being composed; Safari says so by its code only. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Lets a field that has just appeared be written in at once, behind what it holds. */
export function takeFocus(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  if (!field || field === document.activeElement) return;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
