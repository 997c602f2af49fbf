import type { FastifyReply, FastifyRequest } from 'fastify';
import { beginSession } from '../../app/accounts/begin-session.ts';
import { factorWaysOf } from '../../app/accounts/factors/factor-ways.ts';
import { choosePassword, setUp } from '../../app/accounts/one-time-links.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { detailed, PUBLIC_BODY_ERRORS, Throttled } from '../framework/common-schema.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import { Done } from './auth-schema.ts';
import { ChosenPassword, SetupBody } from './link-schema.ts';
import { endReplacedSession } from './replaced-session.ts';
import { keepInCookie } from './session-cookie.ts';

const OtherSite = detailed('The request came from a page of another site.');

/** The requests of the pages behind one-time links. */
export function linkRoutes(api: Api, context: Context): void {
  api.post('/api/setup/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Create the first superuser with the link that the server printed',
      body: SetupBody,
      response: { 200: Done, 403: OtherSite, 429: Throttled, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await requireOwnPage(context, request);
      const userId = await setUp(context, { ...request.body, address: request.ip });
      await signInByLink(context, userId, { request, reply });
      return {};
    },
  });

  api.post('/api/password/choose/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Choose a password with a link from staff; ends all tokens and API keys',
      body: ChosenPassword,
      response: { 200: Done, 403: OtherSite, 429: Throttled, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await requireOwnPage(context, request);
      const userId = await choosePassword(context, { ...request.body, address: request.ip });
      await signInByLink(context, userId, { request, reply });
      return {};
    },
  });
}

/** No other site signs people in to an account that somebody else can read (login CSRF). */
async function requireOwnPage(context: Context, request: FastifyRequest): Promise<void> {
  if (!context.policy.isPasswordLoginOn) await requireSameOrigin(request);
}

/**
 * Where passwords do not sign in, the link does, once: so nobody is locked out for whom somebody at
 * the command line, or staff, can make one. Not around a second factor, which they can remove.
 */
async function signInByLink(
  context: Context,
  userId: number,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<void> {
  if (context.policy.isPasswordLoginOn) return;
  // A link stands for a password, not for a second factor.
  if ((await factorWaysOf(context, userId)).length > 0) return;
  const user = await context.users.byId(userId);
  const userAgent = request.headers['user-agent'];
  const tokens =
    user &&
    (await beginSession(context, {
      user,
      address: request.ip,
      isKnownDevice: false,
      userAgent,
      isSession: true,
    }));
  if (!tokens) return;
  await endReplacedSession(context, request);
  keepInCookie(reply, tokens.refresh, context.tokens.lifetimeMs.session / 1000);
}
