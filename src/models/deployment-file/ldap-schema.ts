/** The schema of `ldap` in `chit.json`. */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const URL_TEXT = 'a URL that starts with ldaps:// or ldap://';
const url = () => Type.String({ pattern: '^ldaps?://', description: URL_TEXT });
const dn = () => Type.String({ minLength: 1 });
const attribute = () =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9;-]*$', description: 'an attribute' }));

/** Where the directory is, and what is taken from it. */
export const LdapEntry = Type.Object(
  {
    url: Type.Union([url(), Type.Array(url(), { minItems: 1 })], { description: URL_TEXT }),
    startTls: Type.Optional(Type.Boolean()),
    allowPlain: Type.Optional(Type.Boolean()),
    caFile: Type.Optional(Type.String({ minLength: 1 })),
    bindDn: Type.Optional(dn()),
    bindPasswordEnv: Type.Optional(Type.String({ minLength: 1 })),
    base: dn(),
    filter: Type.Optional(Type.String({ minLength: 1 })),
    attributes: Type.Optional(
      Type.Object(
        { id: attribute(), username: attribute(), email: attribute(), groups: attribute() },
        closed,
      ),
    ),
    groupSearch: Type.Optional(
      Type.Object({ base: dn(), filter: Type.Optional(Type.String({ minLength: 1 })) }, closed),
    ),
    groups: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 100 })),
    ),
    staff: Type.Optional(Type.Array(dn(), { minItems: 1 })),
    createAccounts: Type.Optional(Type.Boolean()),
    timeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 60 })),
  },
  closed,
);

export type LdapEntry = Static<typeof LdapEntry>;
