import { signal } from '@preact/signals';

const sentence = signal('');

/** Says something to those who hear the page, also if it is the same as before. */
export function announce(words: string): void {
  sentence.value = '';
  requestAnimationFrame(() => {
    sentence.value = words;
  });
}

/** Where it is said. A dialog has one of its own, since what lies below it is not heard. */
export function Announcer() {
  return (
    <div class="offscreen" role="status">
      {sentence.value}
    </div>
  );
}
