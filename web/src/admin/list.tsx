/** Lists that are read page by page, and what they say while there is nothing to show. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, authorized, call } from '../api/client.ts';
import { strings, time } from '../strings/strings.ts';
import { words } from './words.ts';

/** What is there of a list. */
export interface List<Item> {
  /** undefined until the first page is there. */
  readonly items: readonly Item[] | undefined;
  readonly fault: string | undefined;
  readonly hasMore: boolean;
  /** Of a search that looked through a stretch and did not fill the page: how far back. */
  readonly searchedBackTo: string | null;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** Reads a list by its address; another address begins anew. */
export function useList<Item>(address: string, member: string): List<Item> {
  const [items, setItems] = useState<readonly Item[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const [searchedBackTo, setSearchedBackTo] = useState<string | null>(null);
  const [fault, setFault] = useState<string>();
  const [round, setRound] = useState(0);
  const load = async (after: string | null, isStale: () => boolean) => {
    const mark = address.includes('?') ? '&' : '?';
    const path = after === null ? address : `${address}${mark}cursor=${encodeURIComponent(after)}`;
    try {
      const page = await call<Record<string, unknown>>('GET', path);
      if (isStale()) return;
      const found = page[member] as Item[];
      setItems((before) => [...(after === null ? [] : (before ?? [])), ...found]);
      setCursor(page.next_cursor as string | null);
      setSearchedBackTo((page.searched_back_to ?? null) as string | null);
      setFault(undefined);
    } catch (error) {
      if (!isStale()) setFault(sentenceOf(error));
    }
  };
  useEffect(() => {
    let isOver = false;
    void load(null, () => isOver);
    return () => {
      isOver = true;
    };
  }, [address, round]);
  return {
    ...{ items, fault, hasMore: cursor !== null, searchedBackTo },
    loadMore: () => void load(cursor, () => false),
    reload: () => setRound(round + 1),
  };
}

/** Reads one thing by its address. */
export function useOne<T>(address: string): {
  readonly it: T | undefined;
  readonly fault: string | undefined;
  readonly reload: () => void;
} {
  const [it, setIt] = useState<T>();
  const [fault, setFault] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    call<T>('GET', address).then(
      (found) => {
        if (isOver) return;
        setIt(found);
        setFault(undefined);
      },
      (error: unknown) => {
        if (!isOver) setFault(sentenceOf(error));
      },
    );
    return () => {
      isOver = true;
    };
  }, [address, round]);
  return { it, fault, reload: () => setRound(round + 1) };
}

/** What went wrong, for people. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return strings.value.offline;
  const fields = Object.values(error.fields).flat().join(' ');
  return error.message || fields || strings.value.somethingWrong;
}

/** What stands where a list would be: that it comes, that it failed, that it is empty. */
export function ListState(props: {
  list: { readonly items?: readonly unknown[] | undefined; readonly fault: string | undefined };
  empty: string;
  children: ComponentChildren;
}): ComponentChildren {
  const { list, empty, children } = props;
  if (list.fault !== undefined) {
    return (
      <p class="fault" role="alert">
        {words.failed} {list.fault}
      </p>
    );
  }
  if (list.items === undefined) return <p class="empty" aria-busy="true" />;
  return list.items.length === 0 ? <p class="empty">{empty}</p> : children;
}

/** The way to the next page of a list, and how far back it was searched. */
export function More({
  list,
}: {
  list: Pick<List<unknown>, 'hasMore' | 'searchedBackTo' | 'loadMore'>;
}) {
  const { hasMore, searchedBackTo, loadMore } = list;
  if (!hasMore) return null;
  return (
    <>
      {searchedBackTo !== null && <p class="hint">{words.searchedTo(time(searchedBackTo))}</p>}
      <button type="button" class="more" onClick={loadMore}>
        {searchedBackTo === null ? words.more : words.goOn}
      </button>
    </>
  );
}

/** What was done last, for everybody to see and hear. */
export const notice = signal<{ readonly text: string; readonly isFault: boolean } | undefined>(
  undefined,
);

/** Does something, and says what came of it; true if it was done. */
export async function attempt(work: () => Promise<unknown>, done = ''): Promise<boolean> {
  try {
    await work();
    notice.value = done === '' ? undefined : { text: done, isFault: false };
    return true;
  } catch (error) {
    notice.value = { text: sentenceOf(error), isFault: true };
    return false;
  }
}

/** Downloads a file that only who is signed in gets: through a blob, since a link has no token. */
export async function download(address: string, name: string): Promise<void> {
  const blob = await (await authorized('GET', address)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
