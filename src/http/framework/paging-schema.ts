/** What lists share: how to ask for a page, and where the next one begins. */
import { Type } from 'typebox';
import { NullableString, storable } from './common-schema.ts';

/** The pattern of our ids of messages and conversations, which are UUIDs (RFC 9562). */
export const ID_PATTERN = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** The message for a cursor that is not from this list. */
export const INVALID_CURSOR = 'Give the "next_cursor" of the page before.';

const description = '`next_cursor` of the page before.';

/** How many items a page has. */
export const Limit = Type.Optional(
  Type.String({
    pattern: '^\\d{1,4}$',
    description: '1 to 200; the default is 50.',
    'x-message': 'Give a whole number from 1 to 200.',
  }),
);

/** What to search for; matched as it is, ignoring case. */
export function Search(description: string) {
  return Type.Optional(storable({ maxLength: 100, description }));
}

/** Where a page begins, in a list whose cursors match a pattern. */
export function cursor(pattern: string) {
  return Type.Optional(Type.String({ pattern, description, 'x-message': INVALID_CURSOR }));
}

/** Where a page begins, in a list whose cursors are made by `cursorText`. */
export const OpaqueCursor = Type.Optional(storable({ maxLength: 400, description }));

/** Where a page of a statement begins. */
export const StatementCursor = cursor('^\\d{1,15}$');

/** Says where the next page begins. */
export const paged = { has_more: Type.Boolean(), next_cursor: NullableString };

/** The description of a list that is searched, a limited number of rows for each page. */
export const SEARCHED =
  'Newest first. A search looks at a limited number of rows per page; `has_more` says whether it ' +
  'can continue.';
