import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import {
  ATTEMPT_MS,
  beginSignIn,
  finishSignIn,
} from '../../app/accounts/sign-in/sign-in-by-provider.ts';
import { signOutByProvider } from '../../app/accounts/sign-in/sign-out-by-provider.ts';
import { tiePasskeyRequest, tieProven } from '../../app/accounts/sign-in/tie-identity.ts';
import { finishTrial, isTrial } from '../../app/accounts/sign-in/try-sign-in.ts';
import type { Context } from '../../app/context.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  ProofRequired,
  PUBLIC_BODY_ERRORS,
  Throttled,
} from '../framework/common-schema.ts';
import { responseTo, toHttpError } from '../framework/errors.ts';
import { relyingParty } from '../framework/relying-party.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import { Done } from './auth-schema.ts';
import { PasskeyOptions, SecondStepOptions } from './factor-schema.ts';
import { endReplacedSession } from './replaced-session.ts';
import { deviceIn, keepDevice, keepInCookie, keepSignIn, signInMarkIn } from './session-cookie.ts';
import {
  Away,
  Back,
  BeginQuery,
  LogoutBody,
  LogoutRefused,
  ProviderPath,
  SignedOutThere,
  TieProof,
} from './sign-in-schema.ts';
import { siteAddressOf } from './site-address.ts';

/** What the page is told in its fragment, which no server and no log ever sees. */
const SIGNED_IN = '#signed-in';
const FAILED = '#sign-in-failed=';
const UNPROVEN = '#sign-in-prove=';

/**
 * Signing in by a provider of OpenID Connect. Browsers open both addresses themselves, so that
 * whatever goes wrong leads to a page: the first one, which says why.
 */
export function signInRoutes(api: Api, context: Context): void {
  browserRoutes(api, context);
  tieRoutes(api, context);
}

function browserRoutes(api: Api, context: Context): void {
  const tags = ['Sessions'];
  logoutRoute(api, context);

  api.get('/api/sign-in/:provider/', {
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'Sign in by a provider: leads a browser there',
      params: ProviderPath,
      querystring: BeginQuery,
      response: { 303: Away, ...PUBLIC_BODY_ERRORS },
    },
    handler: (request, reply) =>
      orToPage(request, reply, async () => {
        const { provider } = request.params;
        const { url, browser } = await beginSignIn(context, {
          provider,
          redirectUri: callbackOf(request, provider),
          browser: signInMarkIn(request),
          returnTo: request.query.to,
          isAgain: request.query.again === '1',
          address: request.ip,
        });
        keepSignIn(reply, browser, ATTEMPT_MS / 1000);
        return url;
      }),
  });

  api.get('/api/sign-in/:provider/callback/', {
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'Where a provider sends the browser back to',
      params: ProviderPath,
      response: { 303: Back, ...PUBLIC_BODY_ERRORS },
    },
    handler: (request, reply) =>
      orToPage(request, reply, async () => {
        const { provider } = request.params;
        const query = /\?.*$/.exec(request.url)?.[0] ?? '';
        const callbackUrl = new URL(callbackOf(request, provider) + query);
        const back = { provider, callbackUrl, browser: signInMarkIn(request) };
        if (isTrial(callbackUrl)) {
          const id = await finishTrial(context, back);
          return `${request.server.publicSite.prefix}/admin/signin/${id}`;
        }
        const { refresh, userId, returnTo } = await finishSignIn(context, {
          ...back,
          device: deviceIn(request),
          address: request.ip,
          userAgent: request.headers['user-agent'],
        });
        await endReplacedSession(context, request);
        keepInCookie(reply, refresh, context.tokens.lifetimeMs.session / 1000);
        keepDevice(reply, context.knownDevices.after(deviceIn(request), userId));
        return request.server.publicSite.prefix + returnTo + SIGNED_IN;
      }),
  });
}

/** Where providers end sessions themselves: programs of others call it, and no browser. */
function logoutRoute(api: Api, context: Context): void {
  api.post('/api/sign-in/:provider/logout/', {
    config: { access: 'public' },
    schema: {
      tags: ['Sessions'],
      summary: 'Where a provider signs people out (OpenID Connect Back-Channel Logout 1.0)',
      params: ProviderPath,
      body: LogoutBody,
      response: { 200: SignedOutThere, ...PUBLIC_BODY_ERRORS, 400: LogoutRefused },
    },
    // It has a shape of its own for whatever is wrong (RFC 6749, 5.2).
    errorHandler: (error, request, reply) => {
      const { code, message } = responseTo(error, request);
      request.log.warn({ reason: message }, 'a provider could not sign anybody out');
      reply.code(400).header('chit-error', code).header('cache-control', 'no-store');
      return reply.serializer(JSON.stringify).type('application/json').send({
        error: 'invalid_request',
        error_description: message,
      });
    },
    handler: async (request, reply) => {
      const { provider } = request.params;
      const { logout_token: token } = request.body;
      await signOutByProvider(context, { provider, token, address: request.ip });
      return reply.header('cache-control', 'no-store').send('');
    },
  });
}

/** Proving once that an account is one's own which has the address that the provider names. */
function tieRoutes(api: Api, context: Context): void {
  const PAGE_ERRORS = {
    403: ProofRequired,
    409: detailed('Passkeys do not work at this address.'),
    429: Throttled,
    ...PUBLIC_BODY_ERRORS,
  };
  const shared = { tags: ['Sessions'], params: ProviderPath };

  api.post('/api/sign-in/:provider/account/', {
    config: { access: 'public' },
    onRequest: requireSameOrigin,
    schema: {
      ...shared,
      summary: 'Prove that the account with your e-mail address is yours, to sign in to it',
      description:
        'After a sign-in by a provider, with the ticket of the fragment. Without a proof the ' +
        'answer is 403 with what is taken.',
      body: TieProof,
      response: { 200: Done, ...PAGE_ERRORS },
    },
    handler: async (request) => {
      const { ticket, ...given } = request.body;
      const { provider } = request.params;
      const prover = { provider, browser: signInMarkIn(request), ticket };
      const from = { address: request.ip, party: relyingParty(request) };
      await tieProven(context, prover, given, from);
      return {};
    },
  });

  api.post('/api/sign-in/:provider/account/passkey/', {
    config: { access: 'public' },
    onRequest: requireSameOrigin,
    schema: {
      ...shared,
      summary: 'Get what a browser needs to prove that with a passkey',
      body: SecondStepOptions,
      response: { 200: PasskeyOptions, ...PAGE_ERRORS },
    },
    handler: async (request) => {
      const { ticket } = request.body;
      const prover = {
        provider: request.params.provider,
        browser: signInMarkIn(request),
        ticket,
      };
      const options = await tiePasskeyRequest(context, prover, relyingParty(request));
      return { options: { ...options } };
    },
  });
}

/** The redirect URI, which has to be registered with the provider. */
export function callbackOf(request: FastifyRequest, provider: string): string {
  return `${siteAddressOf(request)}/api/sign-in/${encodeURIComponent(provider)}/callback/`;
}

/** Where the provider signs people out. */
export function logoutUriOf(request: FastifyRequest, provider: string): string {
  return `${siteAddressOf(request)}/api/sign-in/${encodeURIComponent(provider)}/logout/`;
}

/** Leads the browser on, or to the first page with the reason. */
async function orToPage(
  request: FastifyRequest,
  reply: FastifyReply,
  lead: () => Promise<string>,
): Promise<void> {
  try {
    return reply
      .code(303)
      .header('location', await lead())
      .send(null);
  } catch (error) {
    const code = error instanceof ChitError ? error.code : 'internal_error';
    logFailure(request, error);
    const { 'retry-after': retryAfter } =
      error instanceof ChitError ? toHttpError(error.code, error.details).headers : {};
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    const page = `${request.server.publicSite.prefix}/${fragmentOf(request, error, code)}`;
    reply.code(303).header('location', page).header('chit-error', code).send();
  }
}

function fragmentOf({ params }: FastifyRequest, error: unknown, code: string): string {
  if (!hasCode(error, 'sign_in_unproven')) return FAILED + code;
  const { provider } = params as Static<typeof ProviderPath>;
  return `${UNPROVEN}${provider}&${error.details.ticket}`;
}

/** What a provider did wrong is for whoever runs the site; what a person did is not. */
function logFailure(request: FastifyRequest, error: unknown): void {
  if (!(error instanceof ChitError)) request.log.error({ err: error }, 'a sign-in failed');
  else if (error.cause !== undefined && error.code !== 'sign_in_denied') {
    request.log.warn({ err: error }, 'a sign-in by a provider failed');
  }
}
