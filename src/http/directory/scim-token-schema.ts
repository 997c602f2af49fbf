import { Type } from 'typebox';
import { NullableString, text } from '../framework/common-schema.ts';

export const NewScimToken = Type.Object({
  name: text({
    maxLength: 100,
    description: 'Such as the name of the directory, in up to 100 characters; the log has it.',
  }),
  expires_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it expires; by default never.' }),
  ),
});

const fields = {
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the token.' }),
  made_by: Type.String({ description: 'An actor of the audit log, such as `user:1`.' }),
  made_by_name: NullableString,
  created_at: Type.String(),
  expires_at: NullableString,
  last_used_at: NullableString,
};

export const MadeScimToken = Type.Object(
  { ...fields, token: Type.String({ description: 'The token itself. It is shown only now.' }) },
  { description: 'The token was made.' },
);

export const ScimTokenList = Type.Object(
  {
    address: Type.String({ description: 'The address of the SCIM API, for the directory.' }),
    tokens: Type.Array(Type.Object(fields)),
  },
  { description: 'The tokens that have not ended, newest first.' },
);

export const ScimTokenPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
