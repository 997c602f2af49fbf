/**
 * The list that somebody is about to book, kept while they look at other places, and the keys of
 * lists that were sent and of which no answer came. As long as it is not known whether a list was
 * booked, the same list goes under the same key, and so is booked once however often it is sent.
 */
import { effect, signal } from '@preact/signals';
import { ApiError } from '../../api/client.ts';
import { atSessionEnd, me } from '../../state/account.ts';

/** What was typed so far, and for whom of the address it was begun. */
export interface Draft {
  readonly text: string;
  readonly reason: string;
  readonly from: string;
}

export const EMPTY_DRAFT: Draft = { text: '', reason: '', from: '' };
export const draft = signal(EMPTY_DRAFT);

atSessionEnd(() => {
  draft.value = EMPTY_DRAFT;
});

const placeOf = (user: number) => `unanswered-bookings.${user}`;

/** The key of each list of which it is not known whether it was booked; each user has their own. */
export const unanswered = signal<Readonly<Record<string, string>>>({});

effect(() => {
  unanswered.value = me.value ? readKept(me.value.id) : {};
});

/** What is booked: a list, with its reason. */
export interface Booking {
  readonly to: readonly { readonly id: number; readonly tokens: number }[];
  readonly reason: string;
}

/** Whether it was this list with this reason of which no answer came. */
export function isUnanswered(booking: Booking): boolean {
  return JSON.stringify(booking) in unanswered.value;
}

/**
 * Sends a list under its key. The key is given up when an answer comes that says whether it was
 * booked; none comes if the connection is lost or the server fails.
 */
export async function sendOnce(
  booking: Booking,
  send: (key: string) => Promise<unknown>,
): Promise<void> {
  const list = JSON.stringify(booking);
  // Not `randomUUID`, which is there on secure pages only.
  const key = unanswered.value[list] ?? String(crypto.getRandomValues(new BigUint64Array(2)));
  // Noted before it is sent: who leaves the page meanwhile and comes back has the same key.
  setUnanswered({ ...unanswered.value, [list]: key });
  try {
    await send(key);
  } catch (error) {
    if (isDefinite(error)) forget(list);
    throw error;
  }
  forget(list);
}

/** Whether it is known that nothing was booked. */
export function isDefinite(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500;
}

/** Somebody has looked it up: the same list may be meant anew. */
export function settleUnanswered(): void {
  setUnanswered({});
}

function forget(list: string): void {
  const { [list]: _, ...rest } = unanswered.value;
  setUnanswered(rest);
}

/** Kept in the tab, since loading the page anew is what people do when no answer comes. */
function setUnanswered(keys: Readonly<Record<string, string>>): void {
  unanswered.value = keys;
  try {
    sessionStorage.setItem(placeOf(me.peek()?.id ?? 0), JSON.stringify(keys));
  } catch {
    // A browser that keeps nothing, or a list that is too long for it: the page still knows.
  }
}

function readKept(user: number): Readonly<Record<string, string>> {
  try {
    return JSON.parse(sessionStorage.getItem(placeOf(user)) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}
