import { Type } from 'typebox';
import { PublicAppearance } from './appearance-schema.ts';

export const Site = Type.Object(
  {
    signup: Type.Union([Type.Literal('open'), Type.Literal('closed')], {
      description: 'Whether people can create their own accounts.',
    }),
    password_login: Type.Boolean({ description: 'Whether passwords sign in.' }),
    directory_login: Type.Boolean({ description: 'Whether those of a directory (LDAP) do.' }),
    sign_in: Type.Array(
      Type.Object({
        name: Type.String(),
        button: Type.Record(Type.String(), Type.String(), {
          description: 'What its button says, by language; with an empty name for every one.',
        }),
      }),
      { description: 'Providers to sign in by: GET /api/sign-in/NAME/ leads to one.' },
    ),
    password_min_length: Type.Integer({ description: 'In characters.' }),
    message_max_length: Type.Integer({
      description: 'The longest message of a chat, in characters.',
    }),
    title_model: Type.Union([Type.String(), Type.Null()], {
      description:
        'The model that makes the title of a chat after its first reply, which is charged like a ' +
        'message; null if titles are first lines.',
    }),
    contact: Type.Union([Type.String(), Type.Null()], {
      description:
        'Whom to ask for an account or for tokens, in the words of whoever runs this site.',
    }),
    passkeys: Type.Boolean({ description: 'Whether passkeys work at this address.' }),
    appearance: PublicAppearance,
    staff_reads_chats: Type.Boolean({ description: 'Whether staff can read messages.' }),
    sends_mail: Type.Boolean({
      description: 'Whether there is mail, such as a link for a forgotten password.',
    }),
  },
  { description: 'What the page needs before anyone has signed in.' },
);
