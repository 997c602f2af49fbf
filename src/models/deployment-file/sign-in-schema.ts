/** The schema of `signIn` in `chit.json`: providers of OpenID Connect. */
import { type Static, Type } from 'typebox';

/** The most characters on a button. */
const BUTTON = 60;
const name = () => Type.String({ minLength: 1, maxLength: 200 });
const names = () => Type.Array(name(), { minItems: 1 });

export const SignInEntry = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https?://',
      description: 'a URL that starts with https://',
    }),
    clientId: name(),
    clientSecretEnv: Type.Optional(name()),
    scopes: Type.Optional(names()),
    button: Type.Optional(
      Type.Union(
        [
          Type.String({ minLength: 1, maxLength: BUTTON }),
          Type.Record(
            Type.String({ pattern: '^[a-z]{2,3}$' }),
            Type.String({ minLength: 1, maxLength: BUTTON }),
          ),
        ],
        {
          description:
            `text of at most ${BUTTON} characters, or an object of such texts by language, such ` +
            'as { "en": "…", "de": "…" }',
        },
      ),
    ),
    usernameClaim: Type.Optional(name()),
    groupsClaim: Type.Optional(name()),
    groups: Type.Optional(Type.Record(Type.String(), name())),
    staff: Type.Optional(Type.Array(name())),
    requires: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([name(), names()], { description: 'a text, or a list of texts' }),
      ),
    ),
    matchByEmail: Type.Optional(Type.Boolean()),
    matchByUsername: Type.Optional(Type.Boolean()),
    emailIsVerified: Type.Optional(Type.Boolean()),
    newAccounts: Type.Optional(Type.Boolean()),
    signOut: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export type SignInEntry = Static<typeof SignInEntry>;
