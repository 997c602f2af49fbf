/** Schemas that many routes share, and the errors that every route can return. */
import { Type } from 'typebox';

const code = Type.Optional(
  Type.String({ description: 'The code of the error, as in the header `Chit-Error`.' }),
);
const params = Type.Optional(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description: 'Its parameters, as in the header `Chit-Error-Params`.',
    },
  ),
);

/** 400: `error` or `detail` for the request as a whole, otherwise messages by field. */
export const BadRequest = Type.Object(
  { error: Type.Optional(Type.String()), detail: Type.Optional(Type.String()), code, params },
  {
    additionalProperties: Type.Array(Type.String()),
    description: 'The request is invalid; the body says what to change. Nothing was charged.',
  },
);

export const Unauthorized = Type.Object(
  {
    detail: Type.String(),
    code: Type.Optional(Type.String({ description: 'A code of Simple JWT.' })),
    messages: Type.Optional(
      Type.Array(
        Type.Object({
          token_class: Type.String(),
          token_type: Type.String(),
          message: Type.String(),
        }),
      ),
    ),
  },
  { description: 'The token is missing, expired, revoked or not accepted.' },
);

/** An error with a sentence for people and a code for programs. */
export function detailed(description: string) {
  return Type.Object({ detail: Type.String(), code, params }, { description });
}

/** Errors of the server or of the method, which every route can return. */
const ALWAYS = {
  405: detailed('The path exists but does not support this method; `Allow` lists those it does.'),
  500: detailed('A fault of the server. Nothing was charged.'),
  503: detailed('The server cannot write to its database, or is stopping. Nothing was charged.'),
};

const WITH_BODY = {
  400: BadRequest,
  413: detailed('The body is larger than the server accepts.'),
  415: detailed('The body is not JSON, urlencoded or multipart.'),
};

/** Errors of a public route with a body. */
export const PUBLIC_BODY_ERRORS = { ...WITH_BODY, ...ALWAYS };
/** Errors of a route for signed-in users, without a body. */
export const USER_ERRORS = { 401: Unauthorized, ...ALWAYS };
/** Errors of a route for signed-in users, with a body. */
export const USER_BODY_ERRORS = { ...WITH_BODY, ...USER_ERRORS };

export const Throttled = detailed('Too many attempts; `Retry-After` says when to try again.');

/** What a request that must not be carried out twice may send. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'Up to 255 characters. A retry with the same key gets the first answer again.',
    }),
  ),
});

export const KeyReused = detailed('This Idempotency-Key was used with another body.');

/** Text that can be stored: not blank, no U+0000, no half surrogate pairs. */
export function text(options: { readonly maxLength?: number; readonly description: string }) {
  return Type.String({ ...options, pattern: '\\S', format: 'storable-text' });
}

/** Text that can be stored and looked for, blank or not: no U+0000, no half surrogate pairs. */
export function storable(options: { readonly maxLength?: number; readonly description?: string }) {
  return Type.String({ ...options, format: 'storable-text' });
}

/** The form of the ids of what was said and done: UUIDs (RFC 9562), as they are made here. */
export const ID_PATTERN = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** What is said to a cursor that no answer gave, or one of another list. */
export const NO_CURSOR = 'Give the "next_cursor" of the page before.';

/** How long a page of a list is to be. */
export const Limit = Type.Optional(
  Type.String({
    pattern: '^\\d{1,4}$',
    description: 'How many, 1 to 200; 50 if not said.',
    'x-message': 'Give a whole number from 1 to 200.',
  }),
);

/** Where a page of a list begins, as text of a form that it has alone. */
export function cursor(pattern: string) {
  const description = '`next_cursor` of the page before.';
  return Type.Optional(Type.String({ pattern, description, 'x-message': NO_CURSOR }));
}

/** Where a page of a book begins. */
export const BookCursor = cursor('^\\d{1,15}$');

/** A name, which is trimmed first. */
export const Username = Type.String({
  'x-trim': true,
  maxLength: 50,
  pattern: '\\S',
  format: 'storable-text',
  description: 'Up to 50 characters; white space around it is taken away.',
});

/** A password, taken as typed. */
export const Password = text({ maxLength: 128, description: 'Up to 128 characters, as typed.' });

/** An empty object: done, with nothing to say. */
export const Nothing = Type.Object({}, { description: 'Done.' });
