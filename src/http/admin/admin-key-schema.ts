import { Type } from 'typebox';
import {
  ADMIN_SCOPES,
  DEFAULT_ADMIN_KEY_DAYS,
  MAX_ADMIN_KEY_DAYS,
} from '../../core/admin-scopes.ts';
import { NullableString, text } from '../framework/common-schema.ts';

const Scope = Type.Enum(ADMIN_SCOPES);

export const NewAdminKey = Type.Object({
  name: text({ maxLength: 100, description: 'What it is for, in up to 100 characters.' }),
  scopes: Type.Array(Scope, {
    minItems: 1,
    maxItems: ADMIN_SCOPES.length,
    description: 'What it may do; docs/admin-keys.md lists what each scope allows.',
  }),
  expires_in_days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_ADMIN_KEY_DAYS,
      description: `When it ends; by default after ${DEFAULT_ADMIN_KEY_DAYS} days.`,
    }),
  ),
});

const fields = {
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key.' }),
  scopes: Type.Array(Scope),
  made_by: Type.Object({ id: Type.Integer(), username: NullableString }),
  created_at: Type.String(),
  expires_at: Type.String(),
  is_expired: Type.Boolean(),
  is_unproven: Type.Boolean({
    description:
      'Whether it is refused, since this site asks staff for a second factor and it was made ' +
      'without one, or whoever made it has none any more.',
  }),
  last_used_at: Type.Union([Type.String(), Type.Null()], { description: 'To about a minute.' }),
};

export const MadeAdminKey = Type.Object(
  { ...fields, key: Type.String({ description: 'The key itself. It is shown only now.' }) },
  { description: 'The admin key was made.' },
);

export const AdminKeyList = Type.Object(
  { keys: Type.Array(Type.Object(fields)) },
  { description: 'Newest first, with those that have expired in the last 30 days.' },
);

export const AdminKeyPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
