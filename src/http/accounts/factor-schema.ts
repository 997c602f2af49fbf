/** Second factors and passkeys. What browsers make of them is WebAuthn's, in its JSON forms. */
import { Type } from 'typebox';
import type {
  AuthenticationResponseJSON,
  RegistrationResponseJSON,
} from '../../app/accounts/factors/passkeys.ts';
import { NullableString, storable, text } from '../framework/common-schema.ts';

const bytes = (maxLength: number) => storable({ maxLength, description: 'Bytes as base64url.' });

const CREDENTIAL = {
  id: bytes(1_400),
  rawId: bytes(1_400),
  type: Type.Literal('public-key'),
  clientExtensionResults: Type.Object({}, { additionalProperties: true }),
  authenticatorAttachment: Type.Optional(storable({ maxLength: 40 })),
};

/** What `navigator.credentials.get()` gave, as JSON. */
export const UsedPasskey = Type.Unsafe<AuthenticationResponseJSON>(
  Type.Object(
    {
      ...CREDENTIAL,
      response: Type.Object({
        clientDataJSON: bytes(8_000),
        authenticatorData: bytes(4_000),
        signature: bytes(8_000),
        userHandle: Type.Optional(bytes(100)),
      }),
    },
    { description: 'What the browser answered to the options: `AuthenticationResponseJSON`.' },
  ),
);

/** What `navigator.credentials.create()` gave, as JSON. */
export const CreatedPasskey = Type.Unsafe<RegistrationResponseJSON>(
  Type.Object(
    {
      ...CREDENTIAL,
      response: Type.Object({
        clientDataJSON: bytes(8_000),
        attestationObject: bytes(32_000),
        authenticatorData: Type.Optional(bytes(32_000)),
        transports: Type.Optional(Type.Array(storable({ maxLength: 20 }), { maxItems: 10 })),
        publicKeyAlgorithm: Type.Optional(Type.Number()),
        publicKey: Type.Optional(bytes(16_000)),
      }),
    },
    { description: 'What the browser answered to the options: `RegistrationResponseJSON`.' },
  ),
);

/** What a browser needs for a passkey. */
export const PasskeyOptions = Type.Object(
  { options: Type.Object({}, { additionalProperties: true }) },
  { description: 'Options of WebAuthn as JSON, which count for five minutes.' },
);

const TicketField = storable({ maxLength: 2_000, description: 'Of the first step.' });
const Code = storable({
  maxLength: 40,
  description: 'Six digits of the authenticator app, or a recovery code.',
});

export const SecondStep = Type.Object({
  ticket: TicketField,
  code: Type.Optional(Code),
  passkey: Type.Optional(UsedPasskey),
});
export const SecondStepOptions = Type.Object({ ticket: TicketField });
export const PasskeySignIn = Type.Object({ passkey: UsedPasskey });

export const GivenProof = Type.Object({
  password: Type.Optional(
    storable({ maxLength: 1_024, description: 'Your password, if you have no second factor.' }),
  ),
  code: Type.Optional(Code),
  passkey: Type.Optional(UsedPasskey),
});
export const Proved = Type.Object(
  {
    access: Type.String({
      description: 'An access token; for ten minutes it does what needs a fresh proof.',
    }),
  },
  { description: 'The proof was accepted.' },
);

export const FactorList = Type.Object(
  {
    totp: Type.Union([Type.Object({ created_at: Type.String() }), Type.Null()], {
      description: 'The authenticator app; null without one.',
    }),
    passkeys: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        created_at: Type.String(),
        last_used_at: NullableString,
      }),
    ),
    recovery_codes: Type.Integer({ description: 'How many are left.' }),
    is_required: Type.Boolean({ description: 'Whether you must have a second factor, as staff.' }),
    has_passkeys: Type.Boolean({ description: 'Whether passkeys work at this address.' }),
  },
  { description: 'Your second factors.' },
);

export const NewTotp = Type.Object(
  {
    secret: Type.String({ description: 'As base 32, for apps that read no QR code.' }),
    uri: Type.String({ description: 'The same as an `otpauth:` address, for a QR code.' }),
    ticket: Type.String({ description: 'For the next step, within five minutes.' }),
  },
  { description: 'A secret that counts once a code of it was given.' },
);
export const ConfirmedTotp = Type.Object({ ticket: TicketField, code: Code });

const RecoveryCodes = Type.Union([Type.Array(Type.String()), Type.Null()], {
  description: 'Shown this once; null if you had some before.',
});
const Access = Type.String({ description: 'An access token in place of yours.' });
export const AddedFactor = Type.Object(
  { recovery_codes: RecoveryCodes, access: Access },
  { description: 'From now on you are asked for it when you sign in with your password.' },
);
export const AddedPasskey = Type.Object(
  { id: Type.String(), recovery_codes: RecoveryCodes, access: Access },
  { description: 'You can sign in with it from now on.' },
);

const PasskeyName = text({ maxLength: 60, description: 'What you call it.' });
export const NewPasskey = Type.Object({ name: PasskeyName, passkey: CreatedPasskey });
export const PasskeyRename = Type.Object({ name: PasskeyName });
export const PasskeyPath = Type.Object({ id: storable({ maxLength: 64 }) });

export const NewRecoveryCodes = Type.Object(
  { recovery_codes: Type.Array(Type.String()) },
  { description: 'Shown this once; the earlier ones are void.' },
);

export const FactorReset = Type.Object({
  reason: Type.Optional(text({ maxLength: 500, description: 'Why, for the audit log.' })),
});
