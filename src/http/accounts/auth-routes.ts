import type { FastifySchemaValidationError } from 'fastify';
import { changePassword } from '../../app/accounts/change-password.ts';
import { logIn } from '../../app/accounts/log-in.ts';
import { registerUser } from '../../app/accounts/register-user.ts';
import type { Context } from '../../app/context.ts';
import { idempotencyOf } from '../../app/metering/idempotency.ts';
import { ChitError } from '../../core/errors.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  ProofRequired,
  PUBLIC_BODY_ERRORS,
  SecondFactorRequired,
  Throttled,
  USER_BODY_ERRORS,
} from '../framework/common-schema.ts';
import { requireProofOfFactor } from '../framework/fresh-proof.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { NON_FIELD_ERRORS, toInvalidFields } from '../framework/validation.ts';
import {
  Done,
  LoginBody,
  PasswordBody,
  RegisterBody,
  Registered,
  TokenPair,
} from './auth-schema.ts';

/** Signing up, logging in and changing the password. */
export function authRoutes(api: Api, context: Context): void {
  api.post('/api/register/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Sign up',
      headers: IdempotencyHeaders,
      body: RegisterBody,
      response: {
        201: Registered,
        403: detailed('Sign-up is closed.'),
        422: KeyReused,
        429: Throttled,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { username, password } = request.body;
      const { isReplayed } = await registerUser(context, {
        username,
        password,
        address: request.ip,
        idempotency: idempotencyOf(keyOf(request), [username]),
      });
      markReplayed(reply, isReplayed);
      return reply.code(201).send({ message: 'User created successfully' });
    },
  });

  api.post('/api/login/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Exchange a username and password for tokens',
      body: LoginBody,
      response: {
        200: TokenPair,
        401: SecondFactorRequired,
        403: detailed('Passwords are off on this site.'),
        429: Throttled,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    schemaErrorFormatter: toInvalidLogin,
    handler: async (request) => {
      const { username, password } = request.body;
      const userAgent = request.headers['user-agent'];
      const credentials = { username, password, address: request.ip, userAgent };
      const { refresh, access } = await logIn(context, credentials);
      return { refresh, access };
    },
  });

  api.post('/api/password/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Change your password; ends all of your tokens',
      description: 'Who has a second factor needs a fresh proof as well.',
      body: PasswordBody,
      security: [{ bearer: [] }],
      response: { 200: Done, 403: ProofRequired, 429: Throttled, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      await requireProofOfFactor(context, request);
      const { old_password: oldPassword, new_password: newPassword } = request.body;
      const { end_api_keys: endsApiKeys = false } = request.body;
      await changePassword(context, userOf(request), {
        oldPassword,
        newPassword,
        endsApiKeys,
        address: request.ip,
      });
      return {};
    },
  });
}

/** Answers a login with invalid fields like one with a wrong password, as the original does. */
export function toInvalidLogin(errors: FastifySchemaValidationError[]): Error {
  const error = toInvalidFields(errors);
  const isObject = !(NON_FIELD_ERRORS in error.details.fields);
  return isObject ? new ChitError('invalid_credentials', undefined) : error;
}
