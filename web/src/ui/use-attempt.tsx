import { useRef, useState } from 'preact/hooks';
import { errorText } from '../strings/strings.ts';

/** Does what may fail, and keeps what to say if it did. */
export function useAttempt() {
  const [fault, setFault] = useState('');
  // Known at once: a second click may come before the first is drawn.
  const busy = useRef(false);
  /** @returns whether it was done; nothing is while something else is on its way */
  const attempt = async (action: () => Promise<void>): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setFault('');
    try {
      await action();
      return true;
    } catch (error) {
      setFault(errorText(error));
      return false;
    } finally {
      busy.current = false;
    }
  };
  return { fault, setFault, attempt };
}

/** What went wrong, if something did. */
export function Fault({ words }: { words: string }) {
  if (words === '') return null;
  return (
    <p class="fault" role="alert">
      {words}
    </p>
  );
}
