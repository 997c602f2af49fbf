/** The second step of a sign-in, and signing in with a passkey alone. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  finishSignIn,
  passkeySignInRequest,
  type SignedIn,
  secondPasskeyRequest,
  signInWithPasskey,
} from '../../app/accounts/factors/second-step.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { detailed, PUBLIC_BODY_ERRORS, Throttled } from '../framework/common-schema.ts';
import { relyingParty } from '../framework/relying-party.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import { Refreshed, TokenPair } from './auth-schema.ts';
import { PasskeyOptions, PasskeySignIn, SecondStep, SecondStepOptions } from './factor-schema.ts';
import { endReplacedSession } from './replaced-session.ts';
import { deviceIn, keepDevice, keepInCookie } from './session-cookie.ts';

const tags = ['Sessions'];
const ERRORS = {
  409: detailed('Passkeys do not work at this address.'),
  429: Throttled,
  ...PUBLIC_BODY_ERRORS,
};
const PAGE_ERRORS = { 403: detailed('The request came from a page of another site.'), ...ERRORS };
const onPage = { config: { access: 'public' }, onRequest: requireSameOrigin } as const;

/** Where a sign-in goes on with a second factor, for programs and for the page. */
export function secondStepRoutes(api: Api, context: Context): void {
  api.post('/api/login/factor/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Finish a sign-in with a second factor',
      description:
        'For accounts with a second factor, POST /api/login/ answers 401 with the code ' +
        '`second_factor_required` and a ticket, which counts once and for five minutes.',
      body: SecondStep,
      response: { 200: TokenPair, ...ERRORS },
    },
    handler: async (request) => {
      const place = { ...placeOf(request), device: '', isSession: false };
      const { refresh, access } = await finishSignIn(
        context,
        request.body.ticket,
        request.body,
        place,
      );
      return { refresh, access };
    },
  });

  api.post('/api/session/factor/', {
    ...onPage,
    schema: {
      tags,
      summary: 'Finish a sign-in with a second factor; the refresh token is set as a cookie',
      body: SecondStep,
      response: { 200: Refreshed, ...PAGE_ERRORS },
    },
    handler: async (request, reply) => {
      const place = { ...placeOf(request), isSession: true };
      const signedIn = await finishSignIn(context, request.body.ticket, request.body, place);
      return keepSession(context, signedIn, request, reply);
    },
  });

  api.post('/api/session/factor/passkey/', {
    ...onPage,
    schema: {
      tags,
      summary: 'Get what a browser needs to give a passkey as the second factor',
      body: SecondStepOptions,
      response: { 200: PasskeyOptions, ...PAGE_ERRORS },
    },
    handler: async (request) => {
      const party = relyingParty(request);
      const options = await secondPasskeyRequest(context, request.body.ticket, party);
      return { options: { ...options } };
    },
  });

  passkeyRoutes(api, context);
}

function passkeyRoutes(api: Api, context: Context): void {
  api.post('/api/session/passkey/options/', {
    ...onPage,
    schema: {
      tags,
      summary: 'Get what a browser needs to sign in with a passkey',
      response: { 200: PasskeyOptions, ...PAGE_ERRORS },
    },
    handler: async (request) => {
      const options = await passkeySignInRequest(context, relyingParty(request));
      return { options: { ...options } };
    },
  });

  api.post('/api/session/passkey/', {
    ...onPage,
    schema: {
      tags,
      summary: 'Sign in with a passkey alone; the refresh token is set as a cookie',
      body: PasskeySignIn,
      response: { 200: Refreshed, ...PAGE_ERRORS },
    },
    handler: async (request, reply) => {
      const place = { ...placeOf(request), isSession: true };
      const signedIn = await signInWithPasskey(context, request.body.passkey, place);
      return keepSession(context, signedIn, request, reply);
    },
  });
}

function placeOf(request: FastifyRequest) {
  return {
    address: request.ip,
    device: deviceIn(request),
    userAgent: request.headers['user-agent'],
    party: relyingParty(request),
  };
}

/** Sets the cookies of a session of the page. */
async function keepSession(
  context: Context,
  { refresh, access, userId }: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ access: string }> {
  await endReplacedSession(context, request);
  keepInCookie(reply, refresh, context.tokens.lifetimeMs.session / 1000);
  keepDevice(reply, context.knownDevices.after(deviceIn(request), userId));
  return { access };
}
