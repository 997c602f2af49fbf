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
  503: detailed(
    'The server cannot use its database, has too much to do, or is stopping. Nothing was charged.',
  ),
};

/** The error of routes that search, report or export. */
export const READ_ERRORS = {
  429: detailed(
    'You have too many searches, reports or exports running; `Retry-After` says when to try again.',
  ),
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

export const SecondFactorRequired = detailed(
  'The account has a second factor. The parameters have a ticket for the next step.',
);

export const ProofRequired = detailed(
  'It was too long ago that you proved who you are; POST /api/account/proof/ does so again.',
);

const Forbidden = detailed(
  'You are not staff, or only superusers may do this, or, with the code `proof_required`, it was ' +
    'too long ago that you proved who you are.',
);
/** Errors of a route for staff, without a body. */
export const STAFF_ERRORS = { 400: BadRequest, 403: Forbidden, ...USER_ERRORS };
/** Errors of a route for staff, with a body. */
export const STAFF_BODY_ERRORS = { 403: Forbidden, ...USER_BODY_ERRORS };

/** The headers of a request that must not be carried out twice. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'Up to 255 characters. A retry with the same key gets the first response again.',
    }),
  ),
});

export const KeyReused = detailed('This Idempotency-Key was used with another body.');

/** Text that can be stored: not blank, no U+0000, no lone surrogates. */
export function text(options: { readonly maxLength?: number; readonly description: string }) {
  return Type.String({ ...options, pattern: '\\S', format: 'storable-text' });
}

/** Text that can be stored and looked up, blank or not: no U+0000, no lone surrogates. */
export function storable(options: { readonly maxLength?: number; readonly description?: string }) {
  return Type.String({ ...options, format: 'storable-text' });
}

/** Which account shall pay for a message. */
export const PayerField = Type.Optional(
  storable({
    maxLength: 100,
    description:
      'The only account that shall pay: `personal`, or the id of a group of yours for its pool. ' +
      'By default the first that has room; GET /api/limits/ lists them.',
  }),
);

export const NullableString = Type.Union([Type.String(), Type.Null()]);

/** A username, trimmed before it is checked. */
export const Username = Type.String({
  'x-trim': true,
  maxLength: 50,
  pattern: '\\S',
  format: 'storable-text',
  description: 'Up to 50 characters, without leading and trailing white space.',
});

/** A password, taken as typed. A new one is checked by `core/password-rules.ts`. */
export const Password = text({ description: 'Up to 1,024 bytes in UTF-8, as typed.' });

/** Why staff do something; all staff can read it in the audit log. */
export const Reason = text({ maxLength: 500, description: 'Why, in up to 500 characters.' });

/** An empty object: done, with nothing to report. */
export const Nothing = Type.Object({}, { description: 'Done.' });

/** An answer without content, 204. */
export const NoContent = Type.Null({ description: 'Done.' });
