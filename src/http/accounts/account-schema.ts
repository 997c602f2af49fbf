import { Type } from 'typebox';
import { AccountPlan } from '../credits/plan-schema.ts';
import { NullableString, Password, storable } from '../framework/common-schema.ts';

export const AccountExport = Type.Any({
  description: 'A JSON document, as a file. What is in it can grow; nothing is taken away.',
});

export const AccountArchive = Type.Any({ description: 'A zip archive, as a file.' });

export const AccountDeletion = Type.Object({
  username: storable({ maxLength: 100, description: 'Your username, to confirm it.' }),
  password: Type.Optional(Password),
});

export const Me = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    manages_groups: Type.Boolean({ description: 'Whether you manage a group.' }),
    tokens: Type.Integer({ description: 'Available to spend.' }),
    plan: AccountPlan,
    date_joined: Type.String({ format: 'date-time' }),
    instructions: Type.String({
      description: 'What your new conversations begin with, as set by PUT /api/instructions/.',
    }),
    staff_reads_chats: Type.Boolean({ description: 'Whether staff can read your messages.' }),
    chats_kept_days: {
      ...Type.Union([Type.Integer(), Type.Null()]),
      description: 'How many days after its last message a chat is deleted; null for never.',
    },
    needs_second_factor: Type.Boolean({
      description: 'Whether you must set up a second factor before you can do what staff do.',
    }),
    has_password: Type.Boolean({ description: 'False if you have only come by a provider.' }),
    sign_in: Type.Array(Type.String(), {
      description: 'The names of the providers by which you have signed in.',
    }),
    password_resets: Type.Array(
      Type.Object({
        made_by: { ...NullableString, description: 'A username; null at the command line.' },
        made_at: Type.String({ format: 'date-time' }),
        used_at: Type.String({ format: 'date-time' }),
      }),
      { description: 'By whose links your password was set in the last month, newest first.' },
    ),
  },
  { description: 'The account of the token.' },
);
