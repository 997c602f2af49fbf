import { Type } from 'typebox';
import { NullableString } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';

export const SessionPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export const SessionQuery = Type.Object({ cursor: OpaqueCursor, limit: Limit });

/** What a session was begun with, as its `User-Agent` said. */
export const SessionDevice = {
  browser: Type.Union([Type.String(), Type.Null()], {
    description: 'Such as `Firefox`; null if it is none of the usual ones.',
  }),
  system: Type.Union([Type.String(), Type.Null()], { description: 'Such as `Windows`.' }),
};

export const SessionList = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        created_at: Type.String(),
        expires_at: Type.String(),
        ...SessionDevice,
        address: {
          ...NullableString,
          description: 'Where it was begun; null for one of an earlier version.',
        },
        last_used_at: {
          ...NullableString,
          description: 'When it was begun or last refreshed: within minutes of its last request.',
        },
        last_address: { ...NullableString, description: 'Where that was.' },
        is_current: Type.Boolean({ description: 'Whether it is the session of this request.' }),
      }),
    ),
    ...paged,
  },
  { description: 'Your sessions, newest first.' },
);

export const SignedOut = Type.Object(
  {
    sign_out_url: Type.String({
      description: 'Where a browser goes next, to be signed out at its provider too.',
    }),
  },
  { description: 'The session has ended; it was begun by a provider that signs out as well.' },
);
