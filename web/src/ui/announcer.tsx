import { signal } from '@preact/signals';

const sentence = signal('');

/** Announces a sentence to screen readers, also if it is the same as the last one. */
export function announce(words: string): void {
  sentence.value = '';
  requestAnimationFrame(() => {
    sentence.value = words;
  });
}

/** The live region. A dialog has its own, since content behind it is inert. */
export function Announcer() {
  return (
    <div class="offscreen" role="status">
      {sentence.value}
    </div>
  );
}
