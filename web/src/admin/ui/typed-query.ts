import { useEffect, useState } from 'preact/hooks';
import { query, setQuery } from '../../state/router.ts';

const TYPING_PAUSE_MS = 200;

/**
 * A field whose text is a part of the address. What is typed gets there after a pause, since each
 * letter would be a question; what the address says otherwise, the field says too.
 */
export function useTypedQuery(name: string): {
  readonly text: string;
  readonly type: (text: string) => void;
} {
  const now = query.value.get(name) ?? '';
  /** What was typed, and what the address said then. */
  const [typed, setTyped] = useState({ text: now, over: now });
  const isValid = typed.over === now;
  useEffect(() => {
    if (!isValid || typed.text.trim() === now) return;
    const timer = setTimeout(() => {
      const wanted = typed.text.trim();
      setTyped({ text: typed.text, over: wanted });
      setQuery({ [name]: wanted });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, now]);
  return {
    text: isValid ? typed.text : now,
    type: (text) => setTyped({ text, over: now }),
  };
}
