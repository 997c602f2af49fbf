import { Type } from 'typebox';
import { Nothing, Password, text, Username } from '../framework/common-schema.ts';

export const RegisterBody = Type.Object({
  username: Username,
  // The original API refuses longer ones here.
  password: text({ maxLength: 128, description: 'Up to 128 characters, as typed.' }),
});
export const Registered = Type.Object(
  { message: Type.Literal('User created successfully') },
  { description: 'The account was created with its opening balance.' },
);

export const LoginBody = Type.Object({
  username: Username,
  password: Type.String({ minLength: 1, maxLength: 1_024, format: 'storable-text' }),
});
export const TokenPair = Type.Object(
  { refresh: Type.String(), access: Type.String() },
  { description: 'Send `access` as `Authorization: Bearer`; exchange `refresh` for a new one.' },
);

const Token = text({
  description: 'A token from this server, or from a Django site with the same key.',
});
export const RefreshBody = Type.Object({ refresh: Token });
export const Refreshed = Type.Object(
  { access: Type.String() },
  { description: 'A new access token.' },
);
export const VerifyBody = Type.Object({ token: Token });

export const PasswordBody = Type.Object({
  old_password: Password,
  new_password: Password,
  end_api_keys: Type.Optional(
    Type.Boolean({ description: 'Whether your API keys end too; by default they stay.' }),
  ),
});
export const Done = Nothing;
