/** What keys do in text fields. */

/** Whether a key sends the message: Enter on a hardware keyboard. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.shiftKey) return false;
  // Enter that ends IME composition does not send.
  if (isComposing(event)) return false;
  // Touch keyboards have no Shift+Enter for a new line.
  return !matchMedia('(pointer: coarse)').matches;
}

/** Whether a key belongs to IME composition; Safari reports that by key code 229 only. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Focuses a field that has just appeared, with the caret at its end. */
export function takeFocus(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  if (!field || field === document.activeElement) return;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
