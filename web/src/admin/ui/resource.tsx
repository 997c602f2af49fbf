/** What is asked of the server by an address that changes while one looks. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { words } from '../words/words.ts';
import { sentenceOf } from './list.tsx';

/** What came of asking. */
export interface Answer<T> {
  /** What came last; it may be of another address while `isWaiting`. */
  readonly it: T | undefined;
  readonly isWaiting: boolean;
  readonly fault: string | undefined;
  /** Whether asking the same again may help. */
  readonly mayPass: boolean;
  readonly askAgain: () => void;
}

interface Came<T> {
  readonly question: string;
  readonly it?: T;
  readonly error?: unknown;
}

/**
 * Asks, and asks anew for another address. What failed has nothing to show: what was there before
 * would stand under words that it does not belong to.
 */
export function useAnswer<T>(address: string): Answer<T> {
  const [came, setCame] = useState<Came<T>>();
  const [round, setRound] = useState(0);
  const question = `${round} ${address}`;
  useEffect(() => {
    let isOver = false;
    const arrive = (more: { it: T } | { error: unknown }) => {
      if (!isOver) setCame({ question, ...more });
    };
    call<T>('GET', address).then(
      (it) => arrive({ it }),
      (error: unknown) => arrive({ error }),
    );
    return () => {
      isOver = true;
    };
  }, [question]);
  const isWaiting = came?.question !== question;
  const { error } = came ?? {};
  return {
    it: came?.it,
    isWaiting,
    fault: error === undefined || isWaiting ? undefined : sentenceOf(error),
    mayPass: !(error instanceof ApiError) || error.status >= 429,
    askAgain: () => setRound(round + 1),
  };
}

/** Shows what came; dimmed while something else is asked for, and what failed with a way on. */
export function Answered<T>(props: {
  answer: Answer<T>;
  children: (it: T) => ComponentChildren;
}): ComponentChildren {
  const { it, isWaiting, fault, mayPass, askAgain } = props.answer;
  if (fault !== undefined) {
    return (
      <div class="failed" role="alert">
        <p class="fault">
          {mayPass && words.value.failed} {fault}
        </p>
        {mayPass && (
          <button type="button" onClick={askAgain}>
            {words.value.askAgain}
          </button>
        )}
      </div>
    );
  }
  if (it === undefined) return <p class="empty" aria-busy="true" />;
  return (
    <div class={isWaiting ? 'answered dim' : 'answered'} aria-busy={isWaiting}>
      {props.children(it)}
    </div>
  );
}
