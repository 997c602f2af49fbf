import { ATTEMPT_MS, beginSignIn } from '../../app/accounts/sign-in/sign-in-by-provider.ts';
import type { Context } from '../../app/context.ts';
import { acceptInvitation, findInvitation } from '../../app/invitations/accept-invitation.ts';
import { keepSignIn, signInMarkIn } from '../accounts/session-cookie.ts';
import { callbackOf } from '../accounts/sign-in-routes.ts';
import type { Api } from '../framework/api.ts';
import { detailed, PUBLIC_BODY_ERRORS, Throttled } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { requireSameOrigin } from '../framework/same-origin.ts';
import {
  Acceptance,
  Accepted,
  Continuation,
  ContinuedInvitation,
  FoundInvitation,
  TypedInvitation,
} from './invitation-schema.ts';

const REFUSALS = {
  404: detailed('There is no invitation with this code.'),
  409: detailed('Somebody has come by it already.'),
  410: detailed('It has expired, or staff have ended it.'),
  429: Throttled,
  ...PUBLIC_BODY_ERRORS,
};

/** The requests of the page that invitations lead to. */
export function acceptRoutes(api: Api, context: Context): void {
  api.post('/api/invitations/find/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Read the invitation of a code, or of a link',
      body: TypedInvitation,
      response: { 200: FoundInvitation, ...REFUSALS },
    },
    handler: async (request) => {
      const { code } = request.body;
      const { invitation } = await findInvitation(context, { code, address: request.ip });
      return {
        name: invitation.name,
        username: invitation.username ?? null,
        expires_at: isoTime(invitation.expiresAtMs),
      };
    },
  });

  api.post('/api/invitations/accept/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Open the account of an invitation, once',
      body: Acceptance,
      response: { 201: Accepted, 403: detailed('Passwords are off here.'), ...REFUSALS },
    },
    handler: async (request, reply) => {
      const { code, username, password } = request.body;
      const accepted = await acceptInvitation(context, {
        code,
        username,
        password,
        address: request.ip,
      });
      return reply.code(201).send(accepted);
    },
  });

  api.post('/api/invitations/continue/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Go on at a provider: the account that comes back gets what the invitation gives',
      body: Continuation,
      response: { 200: ContinuedInvitation, ...REFUSALS },
    },
    handler: async (request, reply) => {
      // Another site must not have people take an invitation of its own choice.
      await requireSameOrigin(request);
      const { code, provider } = request.body;
      const { invitation, cameBy } = await findInvitation(context, { code, address: request.ip });
      const { url, browser } = await beginSignIn(context, {
        provider,
        redirectUri: callbackOf(request, provider),
        browser: signInMarkIn(request),
        returnTo: undefined,
        invitation: { id: invitation.id, cameBy },
        address: request.ip,
      });
      keepSignIn(reply, browser, ATTEMPT_MS / 1000);
      return { url };
    },
  });
}
