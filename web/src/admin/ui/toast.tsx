/** Short messages about what was just done, or could not be done. */
import { signal } from '@preact/signals';
import { atSessionEnd, me } from '../../state/account.ts';
import { path } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { errorMessage } from '../words/errors.ts';

const SHOWN_MS = 10_000;

interface Toast {
  readonly text: string;
  readonly isError: boolean;
  /** The page that it was shown on; it is not shown on another one. */
  readonly path: string;
}

const toast = signal<Toast | undefined>(undefined);

atSessionEnd(hideToast);

/** Tells that something was done; goes away by itself. */
export function showToast(text: string): void {
  const shown = { text, isError: false, path: path.value };
  toast.value = shown;
  setTimeout(() => {
    if (toast.value === shown) hideToast();
  }, SHOWN_MS);
}

/** Tells that something failed; stays until it is closed. */
export function showError(text: string): void {
  // The sign-in page itself says that the session has ended.
  if (!me.value) return;
  toast.value = { text, isError: true, path: path.value };
}

/** Takes the message away. */
export function hideToast(): void {
  toast.value = undefined;
}

/**
 * Runs an action and shows a message about its outcome.
 * @param done what to show afterwards; nothing if empty
 * @returns whether it succeeded
 */
export async function runAction<T>(
  action: () => Promise<T>,
  done: string | ((answer: T) => string) = '',
): Promise<boolean> {
  try {
    const answer = await action();
    const text = typeof done === 'string' ? done : done(answer);
    hideToast();
    if (text !== '') showToast(text);
    return true;
  } catch (error) {
    showError(errorMessage(error));
    return false;
  }
}

/** The message, in view wherever the page is scrolled to. */
export function ToastRegion() {
  const { value } = toast;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {value && value.path === path.value && (
        <p class={value.isError ? 'toast fault' : 'toast'}>
          {value.text}
          <button type="button" class="quiet" aria-label={strings.value.close} onClick={hideToast}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}
