/** Lists that are read page by page, and what they say while there is nothing to show. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { atSessionEnd, me } from '../../state/account.ts';
import { path } from '../../state/router.ts';
import { strings, time } from '../../strings/strings.ts';
import { saidHere, words } from '../words/words.ts';

const NOTICE_MS = 10_000;

/** What is there of a list. */
export interface List<Item> {
  /** undefined until the first page is there. */
  readonly items: readonly Item[] | undefined;
  /** Why the first page is not there. */
  readonly fault: string | undefined;
  /** Why the next page is not there; what was there before stays. */
  readonly moreFault: string | undefined;
  readonly hasMore: boolean;
  /** Of a search that looked through a stretch and did not fill the page: how far back. */
  readonly searchedBackTo: string | null;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

interface Loaded<Item> {
  readonly items?: readonly Item[];
  readonly cursor?: string | null;
  readonly searchedBackTo?: string | null;
  readonly fault?: string;
  readonly moreFault?: string;
}

/** Reads a list by its address; another address begins anew. */
export function useList<Item>(address: string, member: string): List<Item> {
  const [loaded, setLoaded] = useState<Loaded<Item>>({});
  const [round, setRound] = useState(0);
  // Only the answer to what was asked last counts: others are late, or of another address.
  const asked = useRef(0);
  const load = async (after: string | null) => {
    asked.current += 1;
    const mine = asked.current;
    const mark = address.includes('?') ? '&' : '?';
    const place = after === null ? address : `${address}${mark}cursor=${encodeURIComponent(after)}`;
    const update = (change: (before: Loaded<Item>) => Loaded<Item>) => {
      if (mine === asked.current) setLoaded(change);
    };
    try {
      const page = await call<Record<string, unknown>>('GET', place);
      const found = page[member] as Item[];
      update((before) => ({
        items: [...(after === null ? [] : (before.items ?? [])), ...found],
        cursor: page.next_cursor as string | null,
        searchedBackTo: (page.searched_back_to ?? null) as string | null,
      }));
    } catch (error) {
      const sentence = sentenceOf(error);
      update((before) =>
        after === null ? { fault: sentence } : { ...before, moreFault: sentence },
      );
    }
  };
  useEffect(() => {
    void load(null);
    return () => {
      asked.current += 1;
    };
  }, [address, round]);
  const { items, cursor = null, searchedBackTo = null, fault, moreFault } = loaded;
  return {
    items,
    fault,
    moreFault,
    hasMore: cursor !== null,
    searchedBackTo,
    loadMore: () => void load(cursor),
    reload: () => setRound(round + 1),
  };
}

/** Reads one thing by its address. */
export function useOne<T>(address: string): {
  readonly it: T | undefined;
  readonly fault: string | undefined;
  /** Whether the fault is that there is no such thing. */
  readonly isMissing: boolean;
  readonly reload: () => void;
} {
  const [it, setIt] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    call<T>('GET', address).then(
      (found) => {
        if (isOver) return;
        setIt(found);
        setError(undefined);
      },
      (reason: unknown) => {
        if (!isOver) setError(reason);
      },
    );
    return () => {
      isOver = true;
    };
  }, [address, round]);
  return {
    it,
    fault: error === undefined ? undefined : sentenceOf(error),
    isMissing: error instanceof ApiError && [400, 404].includes(error.status),
    reload: () => setRound(round + 1),
  };
}

/** What went wrong, for people. */
export function sentenceOf(error: unknown): string {
  const { offline, somethingWrong: wrong } = strings.value;
  if (!(error instanceof ApiError)) return offline;
  const fields = Object.values(error.fields).flat();
  // Each field has a sentence of its own, by which its translation is found.
  if (error.message === fields.join(' ')) return fields.map(saidHere).join(' ') || wrong;
  return saidHere(error.message);
}

/** That something could not be read, and the way to try again. */
export function Failure({ fault, onRetry }: { fault: string; onRetry?: (() => void) | undefined }) {
  return (
    <div class="failure" role="alert">
      <p class="fault">
        {words.value.failed} {fault}
      </p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {words.value.tryAgain}
        </button>
      )}
    </div>
  );
}

/** What stands where a list would be: that it comes, that it failed, that it is empty. */
export function ListState(props: {
  list: {
    readonly items?: readonly unknown[] | undefined;
    readonly fault: string | undefined;
    readonly reload?: () => void;
  };
  empty: string;
  children: ComponentChildren;
}): ComponentChildren {
  const { list, empty, children } = props;
  if (list.fault !== undefined) return <Failure fault={list.fault} onRetry={list.reload} />;
  if (list.items === undefined) return <p class="empty" aria-busy="true" />;
  return list.items.length === 0 ? <p class="empty">{empty}</p> : children;
}

/** The way to the next page of a list, and how far back it was searched. */
export function More({
  list,
}: {
  list: Pick<List<unknown>, 'hasMore' | 'searchedBackTo' | 'loadMore'> & {
    readonly moreFault?: string | undefined;
  };
}) {
  const { hasMore, searchedBackTo, moreFault, loadMore } = list;
  if (!hasMore) return null;
  if (moreFault !== undefined) return <Failure fault={moreFault} onRetry={loadMore} />;
  return (
    <>
      {searchedBackTo !== null && (
        <p class="hint">{words.value.searchedTo(time(searchedBackTo))}</p>
      )}
      <button type="button" class="more" onClick={loadMore}>
        {searchedBackTo === null ? words.value.more : words.value.goOn}
      </button>
    </>
  );
}

interface Said {
  readonly text: string;
  readonly isFault: boolean;
  /** The place that it was said in; elsewhere it is old news. */
  readonly at: string;
}

/** What was done last, for everybody to see and hear. */
export const notice = signal<Said | undefined>(undefined);

atSessionEnd(() => {
  notice.value = undefined;
});

/** Says what was done. It goes by itself, as it is of no use for long. */
export function say(text: string): void {
  const said = { text, isFault: false, at: path.value };
  notice.value = said;
  setTimeout(() => {
    if (notice.value === said) notice.value = undefined;
  }, NOTICE_MS);
}

/** Says what could not be done. It stays until somebody has read it. */
export function sayFault(text: string): void {
  // That the session is over is said by the page to sign in.
  if (!me.value) return;
  notice.value = { text, isFault: true, at: path.value };
}

/** Does something, and says what came of it; true if it was done. */
export async function attempt<T>(
  work: () => Promise<T>,
  done: string | ((answer: T) => string) = '',
): Promise<boolean> {
  try {
    const answer = await work();
    const text = typeof done === 'string' ? done : done(answer);
    notice.value = undefined;
    if (text !== '') say(text);
    return true;
  } catch (error) {
    sayFault(sentenceOf(error));
    return false;
  }
}
