import { invalidField } from '../../core/errors.ts';
import type { Found } from '../../store/database/scan-window.ts';
import { isoTime } from './iso-time.ts';
import { ID_PATTERN, INVALID_CURSOR } from './paging-schema.ts';

const ID = new RegExp(`^${ID_PATTERN}$`);
const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

/** How many items a page is to have. */
export function limitIn(query: { readonly limit?: string }): number {
  return Math.min(Math.max(1, Number(query.limit ?? DEFAULT_PAGE)), MAX_PAGE);
}

/**
 * The members of a response that say where the next page begins.
 * @param cursor of the next page; undefined on the last page
 */
export function nextPage(cursor: string | undefined) {
  return { has_more: cursor !== undefined, next_cursor: cursor ?? null };
}

/** The same for a page of a search, and how far back it has looked. */
export function nextSearchPage({ nextId, searchedBackToMs }: Omit<Found<unknown>, 'rows'>) {
  return {
    searched_back_to: isoTime(searchedBackToMs),
    ...nextPage(nextId === undefined ? undefined : cursorText(nextId)),
  };
}

/** An opaque cursor for any value that can be JSON. */
export function cursorText(cursor: unknown): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/**
 * The value of such a cursor.
 * @throws ChitError `invalid_fields` if it is not a cursor of this list
 */
export function cursorIn<T>(
  text: string | undefined,
  isCursor: (value: unknown) => value is T,
): T | undefined {
  if (text === undefined) return undefined;
  const value = jsonIn(Buffer.from(text, 'base64url').toString());
  if (isCursor(value)) return value;
  throw invalidField('cursor', INVALID_CURSOR, { code: 'invalid' });
}

/**
 * The id in such a cursor.
 * @throws ChitError `invalid_fields`
 */
export function idIn(cursor: string | undefined): string | undefined {
  return cursorIn(cursor, (it): it is string => typeof it === 'string' && ID.test(it));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
