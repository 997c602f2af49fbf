import { useRef, useState } from 'preact/hooks';
import { errorText } from '../strings/strings.ts';

/**
 * Runs actions that may fail, and keeps the error text to show.
 * @param textOf the text of an error, where a part of the page has texts of its own
 */
export function useAttempt(textOf: (error: unknown) => string = errorText) {
  const [fault, setFault] = useState('');
  // A ref, since a second click may come before the first is rendered.
  const busy = useRef(false);
  /** @returns whether it succeeded; does nothing while another action is running */
  const attempt = async (action: () => Promise<void>): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setFault('');
    try {
      await action();
      return true;
    } catch (error) {
      setFault(textOf(error));
      return false;
    } finally {
      busy.current = false;
    }
  };
  return { fault, setFault, attempt };
}

/** An error text, if there is one. */
export function Fault({ words }: { words: string }) {
  if (words === '') return null;
  return (
    <p class="fault" role="alert">
      {words}
    </p>
  );
}
