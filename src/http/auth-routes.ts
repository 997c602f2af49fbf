import type { FastifySchemaValidationError } from 'fastify';
import { changePassword } from '../app/change-password.ts';
import type { Context } from '../app/context.ts';
import { logIn } from '../app/log-in.ts';
import { registerUser } from '../app/register-user.ts';
import { blacklistToken, refreshAccess, verifyToken } from '../app/use-refresh-token.ts';
import { ChitError, hasCode } from '../core/errors.ts';
import { userOf } from './access.ts';
import type { Api } from './api.ts';
import {
  Done,
  LoginBody,
  PasswordBody,
  RefreshBody,
  Refreshed,
  RegisterBody,
  Registered,
  TokenPair,
  VerifyBody,
} from './schemas/auth.ts';
import {
  detailed,
  PUBLIC_BODY_ERRORS,
  Throttled,
  Unauthorized,
  USER_BODY_ERRORS,
} from './schemas/common.ts';
import { describeFaults } from './validation.ts';

const TOKEN_ERRORS = { 401: Unauthorized, ...PUBLIC_BODY_ERRORS };

/** Accounts and tokens: sign-up, login, what Simple JWT offers for tokens, passwords. */
export function authRoutes(api: Api, context: Context): void {
  api.post('/api/register/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Make an account',
      body: RegisterBody,
      response: {
        201: Registered,
        403: detailed('Sign-up is closed here.'),
        429: Throttled,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await registerUser(context, { ...request.body, address: request.ip });
      return reply.code(201).send({ message: 'User created successfully' });
    },
  });

  api.post('/api/login/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Exchange name and password for tokens',
      body: LoginBody,
      response: { 200: TokenPair, 429: Throttled, ...PUBLIC_BODY_ERRORS },
    },
    schemaErrorFormatter: describeLoginFaults,
    handler: (request) => logIn(context, { ...request.body, address: request.ip }),
  });

  api.post('/api/token/refresh/', {
    config: { access: 'public' },
    schema: {
      tags: ['Tokens'],
      summary: 'Exchange a refresh token for a new access token',
      body: RefreshBody,
      response: { 200: Refreshed, ...TOKEN_ERRORS },
    },
    handler: (request) => refreshAccess(context, request.body.refresh),
  });

  api.post('/api/token/verify/', {
    config: { access: 'public' },
    schema: {
      tags: ['Tokens'],
      summary: 'Check a token of either type',
      body: VerifyBody,
      response: { 200: Done, ...TOKEN_ERRORS },
    },
    handler: async (request) => {
      await verifyToken(context, request.body.token);
      return {};
    },
  });

  api.post('/api/token/blacklist/', {
    config: { access: 'public' },
    schema: {
      tags: ['Tokens'],
      summary: 'Log out: end a refresh token',
      body: RefreshBody,
      response: { 200: Done, ...TOKEN_ERRORS },
    },
    handler: async (request) => {
      await blacklistToken(context, request.body.refresh);
      return {};
    },
  });

  api.post('/api/password/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Change the password; ends all refresh tokens',
      body: PasswordBody,
      security: [{ bearer: [] }],
      response: { 200: Done, 429: Throttled, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { old_password: oldPassword, new_password: newPassword } = request.body;
      const passwords = { oldPassword, newPassword, address: request.ip };
      await changePassword(context, userOf(request), passwords);
      return {};
    },
  });
}

/** Whatever is wrong with the fields of a login, the answer tells nothing but that. */
function describeLoginFaults(errors: FastifySchemaValidationError[]): Error {
  const fault = describeFaults(errors);
  return hasCode(fault, 'invalid_fields') ? new ChitError('invalid_credentials', undefined) : fault;
}
