/** A key that would have sent a message and could not: the page says why, for a moment. */
import { signal } from '@preact/signals';

const SHOWN_MS = 5_000;

/** Counts them while the last one is shown; undefined otherwise. */
export const refusedKey = signal<number | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Notes that Enter was pressed in vain. */
export function noteRefusedKey(): void {
  clearTimeout(timer);
  refusedKey.value = (refusedKey.value ?? 0) + 1;
  timer = setTimeout(() => {
    refusedKey.value = undefined;
  }, SHOWN_MS);
}
