import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';

export const MailState = Type.Object(
  {
    sends_mail: Type.Boolean(),
    server: { ...NullableString, description: 'The name and port of the server that takes mail.' },
    from: NullableString,
    waiting: Type.Integer({ description: 'Mail that was not sent yet.' }),
    oldest_waiting_at: NullableString,
    failed: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String(),
        attempts: Type.Integer(),
        last_error: NullableString,
        ended_at: NullableString,
      }),
      { description: 'Mail that was given up, newest first; to whom is not shown.' },
    ),
    own_email: { ...NullableString, description: 'Where a test mail of yours would go.' },
  },
  { description: 'How the mail of this site does.' },
);

const Kind = Type.Optional(storable({ maxLength: 60, description: 'Only of this kind.' }));
const Since = Type.Optional(
  Type.String({ format: 'date-time', description: 'Only what was given up since then.' }),
);

export const FailedMailPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
export const FailedMailQuery = Type.Object({
  kind: Kind,
  since: Since,
  cursor: OpaqueCursor,
  limit: Limit,
});
export const WhichMail = Type.Object(
  { kind: Kind, since: Since },
  { description: 'What is left out does not matter.' },
);

export const FailedMailList = Type.Object(
  {
    mails: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String(),
        user: Type.Union([
          Type.Object({ id: Type.Integer(), username: Type.String() }),
          Type.Null({ description: 'Nobody has an account yet, such as who is invited.' }),
        ]),
        attempts: Type.Integer(),
        last_error: NullableString,
        ended_at: NullableString,
        obstacle: Type.Union(
          [
            Type.Literal('link_over'),
            Type.Literal('no_address'),
            Type.Literal('not_wanted'),
            Type.Null(),
          ],
          { description: 'Why it cannot be sent again; null if it can.' },
        ),
      }),
    ),
    kinds: Type.Array(Type.Object({ kind: Type.String(), count: Type.Integer() }), {
      description: 'How many there are of each kind, whatever was asked for.',
    }),
    ...paged,
  },
  { description: 'Mail of the last 90 days that was given up.' },
);

export const ResentMail = Type.Object(
  {
    queued: Type.Integer({ description: 'Sent within seconds.' }),
    left: Type.Integer({ description: 'Not sent again, since nobody would have any use of it.' }),
  },
  { description: 'How many are sent again.' },
);

export const TestedMail = Type.Object(
  {
    email: Type.String(),
    answer: Type.String({ description: 'What the server for mail answered.' }),
  },
  { description: 'The server for mail has taken it.' },
);
