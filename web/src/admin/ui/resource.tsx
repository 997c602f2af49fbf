/** Data that the panel reads from the server, and what a page shows while it is not there. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { strings, time } from '../../strings/strings.ts';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** Something that is loaded by its address. */
export interface Resource<T> {
  /** What was loaded last; of another address while `isStale`. */
  readonly data: T | undefined;
  readonly isLoading: boolean;
  /** Whether `data` belongs to an address that was asked for before. */
  readonly isStale: boolean;
  readonly failure: LoadFailure | undefined;
  readonly reload: () => void;
}

/** Why something could not be loaded. */
export interface LoadFailure {
  readonly message: string;
  /** Of the server's answer; undefined if there was none. */
  readonly status: number | undefined;
  /** Whether the same request may succeed later. */
  readonly canRetry: boolean;
}

interface Loaded<T> {
  readonly address: string | undefined;
  readonly round: number;
  readonly data: T | undefined;
  readonly failure: LoadFailure | undefined;
}

/**
 * Loads from an address, and again when the address changes. Old data stays until the new data
 * arrives. A failed reload keeps it too, but a failure at another address drops it: it would stand
 * under filters that it does not match.
 * @param address undefined to load nothing
 */
export function useResource<T>(
  address: string | undefined,
  read: (address: string) => Promise<T> = (from) => call<T>('GET', from),
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({
    address: undefined,
    round: 0,
    data: undefined,
    failure: undefined,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (address === undefined) return;
    let isCancelled = false;
    read(address).then(
      (data) => {
        if (!isCancelled) setLoaded({ address, round, data, failure: undefined });
      },
      (error: unknown) => {
        if (isCancelled) return;
        setLoaded((before) => ({
          address,
          round,
          data: before.address === address ? before.data : undefined,
          failure: loadFailureOf(error),
        }));
      },
    );
    return () => {
      isCancelled = true;
    };
  }, [address, round]);
  const isStale = loaded.address !== address;
  const isLoading = isStale || loaded.round !== round;
  return {
    data: loaded.data,
    isLoading,
    isStale,
    failure: isLoading ? undefined : loaded.failure,
    reload: () => setRound((it) => it + 1),
  };
}

/** Loads something anew whenever a value that it depends on is another one. */
export function useReloadOn(value: unknown, { reload }: Pick<Resource<unknown>, 'reload'>): void {
  const loadedFor = useRef(value);
  useEffect(() => {
    if (loadedFor.current === value) return;
    loadedFor.current = value;
    reload();
  }, [value]);
}

/** A list that is loaded page by page. */
export interface PagedResource<Item> extends Resource<readonly Item[]> {
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  /** Why the next page could not be loaded; the pages before it stay. */
  readonly moreFailure: LoadFailure | undefined;
  /** How far back a search has looked if it stopped before the page was full. */
  readonly searchedBackTo: string | null;
  readonly loadMore: () => void;
}

type Page = Readonly<Record<string, unknown>> & {
  readonly next_cursor: string | null;
  readonly searched_back_to?: string | null;
};

/** The pages after the first one. */
interface Rest<Item> {
  /** The first page that these continue. */
  readonly first: Page;
  readonly last: Page;
  readonly items: readonly Item[];
  readonly isLoading: boolean;
  readonly failure: LoadFailure | undefined;
}

/**
 * A list that is loaded page by page; another address starts again at the first page.
 * @param member the name of the list in the server's answer
 */
export function usePages<Item>(
  address: string | undefined,
  member: string,
  readPage: (address: string, cursor: string | null) => Promise<Page> = getPage,
): PagedResource<Item> {
  const resource = useResource<Page>(address, (from) => readPage(from, null));
  const [kept, setKept] = useState<Rest<Item>>();
  const latest = useRef(0);
  const { data: first } = resource;
  const rest: Rest<Item> | undefined = kept?.first === first ? kept : undefined;
  const last = rest?.last ?? first;
  const cursor = last?.next_cursor ?? null;
  const itemsOf = (page: Page) => page[member] as readonly Item[];
  const loadMore = async () => {
    if (address === undefined || first === undefined || last === undefined) return;
    latest.current += 1;
    const request = latest.current;
    const before = { first, last, items: rest?.items ?? [] };
    setKept({ ...before, isLoading: true, failure: undefined });
    let next: Rest<Item>;
    try {
      const page = await readPage(address, cursor);
      next = {
        first,
        last: page,
        items: [...before.items, ...itemsOf(page)],
        isLoading: false,
        failure: undefined,
      };
    } catch (error) {
      next = { ...before, isLoading: false, failure: loadFailureOf(error) };
    }
    // A second click asks for the same page again, and only its answer counts.
    if (request === latest.current) setKept(next);
  };
  return {
    ...resource,
    data: first && [...itemsOf(first), ...(rest?.items ?? [])],
    hasMore: cursor !== null && resource.failure === undefined,
    isLoadingMore: rest?.isLoading ?? false,
    moreFailure: rest?.failure,
    searchedBackTo: last?.searched_back_to ?? null,
    loadMore: () => void loadMore(),
  };
}

function getPage(address: string, cursor: string | null): Promise<Page> {
  if (cursor === null) return call<Page>('GET', address);
  const mark = address.includes('?') ? '&' : '?';
  return call<Page>('GET', `${address}${mark}cursor=${encodeURIComponent(cursor)}`);
}

/** What to show of something that was thrown while it was loaded. */
export function loadFailureOf(error: unknown): LoadFailure {
  const status = error instanceof ApiError ? error.status : undefined;
  return {
    message: errorMessage(error),
    status,
    canRetry: status === undefined || status >= 429,
  };
}

/** Shows what was loaded, dimmed while it is stale; or that it is loading, failed or empty. */
export function Loaded<T>(props: {
  resource: Resource<T>;
  /** Shown in place of an empty list. */
  empty?: string;
  children: (data: T) => ComponentChildren;
}): ComponentChildren {
  const { resource, empty, children } = props;
  const { data, isStale, failure, reload } = resource;
  if (failure) return <Failure failure={failure} onRetry={reload} />;
  if (data === undefined) return <p class="empty" aria-busy="true" />;
  const isEmpty = Array.isArray(data) && data.length === 0;
  return (
    <div class={isStale ? 'loaded dim' : 'loaded'} aria-busy={isStale}>
      {isEmpty && empty !== undefined ? <p class="empty">{empty}</p> : children(data)}
    </div>
  );
}

/** Why something could not be loaded, and a button to try again where that may help. */
export function Failure({ failure, onRetry }: { failure: LoadFailure; onRetry: () => void }) {
  return (
    <div class="failure" role="alert">
      <p class="fault">
        {failure.canRetry && words.value.loadFailed} {failure.message}
      </p>
      {failure.canRetry && (
        <button type="button" onClick={onRetry}>
          {strings.value.retry}
        </button>
      )}
    </div>
  );
}

/** The button for the next page of a list, and how far back a search has looked. */
export function LoadMore({ pages }: { pages: PagedResource<unknown> }) {
  const { hasMore, searchedBackTo, moreFailure, loadMore } = pages;
  if (!hasMore) return null;
  if (moreFailure) return <Failure failure={moreFailure} onRetry={loadMore} />;
  return (
    <>
      {searchedBackTo !== null && (
        <p class="hint">{words.value.searchedBackTo(time(searchedBackTo))}</p>
      )}
      <button type="button" class="more" onClick={loadMore}>
        {searchedBackTo === null ? strings.value.more : words.value.searchFurtherBack}
      </button>
    </>
  );
}
