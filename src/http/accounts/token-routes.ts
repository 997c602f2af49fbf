import {
  blacklistToken,
  refreshAccess,
  verifyToken,
} from '../../app/accounts/use-refresh-token.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { PUBLIC_BODY_ERRORS, Unauthorized } from '../framework/common-schema.ts';
import { Done, RefreshBody, Refreshed, VerifyBody } from './auth-schema.ts';
import { tokenUseOf } from './token-use.ts';

const TOKEN_ERRORS = { 401: Unauthorized, ...PUBLIC_BODY_ERRORS };

/** The token endpoints of Simple JWT. */
export function tokenRoutes(api: Api, context: Context): void {
  api.post('/api/token/refresh/', {
    config: { access: 'public' },
    schema: {
      tags: ['Tokens'],
      summary: 'Exchange a refresh token for a new access token',
      body: RefreshBody,
      response: { 200: Refreshed, ...TOKEN_ERRORS },
    },
    handler: (request) => refreshAccess(context, request.body.refresh, tokenUseOf(request)),
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
      summary: 'Log out: revoke a refresh token',
      body: RefreshBody,
      response: { 200: Done, ...TOKEN_ERRORS },
    },
    handler: async (request) => {
      await blacklistToken(context, request.body.refresh);
      return {};
    },
  });
}
