import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';

const Language = Type.Union([Type.Literal('en'), Type.Literal('de')]);
const Token = storable({ maxLength: 200, description: 'From the link in the mail.' });

export const AccountMail = Type.Object(
  {
    sends_mail: Type.Boolean({ description: 'Whether this site sends mail at all.' }),
    email: { ...NullableString, description: 'Where mail goes, once it was confirmed.' },
    opens_account: Type.Boolean({
      description:
        'Whether a forgotten password can be chosen anew by mail to it: not if a directory or ' +
        'provider gave it to staff, or to an account with a password. Give it to confirm it.',
    }),
    pending: Type.Union(
      [Type.Object({ email: Type.String(), expires_at: Type.String() }), Type.Null()],
      { description: 'An address that was given and waits for its link to be opened.' },
    ),
    language: Type.Union([Language, Type.Null()]),
    tells_low_balance: Type.Boolean({ description: 'Whether a low balance is mailed.' }),
    tells_renewal: Type.Boolean({ description: 'Whether you are told of new allowances.' }),
    low_below: Type.Integer({ description: 'A balance below this is low; 0 for never.' }),
  },
  { description: 'Your address for mail, and what you want to have by mail.' },
);

export const GivenEmail = Type.Object({
  email: storable({ maxLength: 254, description: 'The address.' }),
  language: Type.Optional(Language),
});

export const MailChoices = Type.Object(
  {
    language: Type.Optional(Language),
    tells_low_balance: Type.Optional(Type.Boolean()),
    tells_renewal: Type.Optional(Type.Boolean()),
    low_below: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }), Type.Null()], {
        description: 'null for what this site has set, 0 for never.',
      }),
    ),
  },
  { description: 'What is left out stays as it is.' },
);

export const EmailToken = Type.Object({ token: Token });

export const ConfirmedEmail = Type.Object(
  { email: Type.String() },
  { description: 'The address is confirmed and in use.' },
);

export const ForgottenBody = Type.Object({
  name: storable({ maxLength: 254, description: 'Your username, or your address for mail.' }),
});

export const UnsubscribeQuery = Type.Object({
  token: Type.String({ pattern: '^[\\w.-]{1,200}$', description: 'From the link in the mail.' }),
});

export const Unsubscribed = Type.Object(
  { kind: Type.String({ description: 'What is no longer mailed: `balance.low` or another.' }) },
  { description: 'You get no more mail of this kind.' },
);
