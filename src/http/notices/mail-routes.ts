import { Type } from 'typebox';
import { opensAccount } from '../../app/accounts/opens-account.ts';
import type { Context } from '../../app/context.ts';
import { confirmAddress, giveAddress, removeAddress } from '../../app/notices/email-address.ts';
import { forgotPassword } from '../../app/notices/forgotten-password.ts';
import { mailLanguage } from '../../app/notices/mail/write-mail.ts';
import { unsubscribe } from '../../app/notices/unsubscribe.ts';
import { Done } from '../accounts/auth-schema.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  PUBLIC_BODY_ERRORS,
  Throttled,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import {
  AccountMail,
  ConfirmedEmail,
  EmailToken,
  ForgottenBody,
  GivenEmail,
  MailChoices,
  Unsubscribed,
  UnsubscribeQuery,
} from './mail-schema.ts';

const shared = { tags: ['Notices'], security: [{ bearer: [] }] };
const Proof = detailed('A fresh proof of who you are is needed.');
const Off = detailed('This site sends no mail.');

/** Addresses of users for mail, what they want to have by mail, and forgotten passwords. */
export function mailRoutes(api: Api, context: Context): void {
  addressRoutes(api, context);
  choiceRoutes(api, context);
  linkRoutes(api, context);
  forgottenRoute(api, context);
}

function addressRoutes(api: Api, context: Context): void {
  api.get('/api/account/email/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Read your address for mail, and what is mailed to it',
      response: { 200: AccountMail, ...USER_ERRORS },
    },
    handler: async (request) => {
      const user = userOf(request);
      const { id } = user;
      const [email, opens, pending, choice] = await Promise.all([
        context.emails.of(id),
        opensAccount(context, user),
        context.mailSettings.pendingOf(id, context.now()),
        context.mailSettings.of(id),
      ]);
      const isConfirmed = email?.verifiedAtMs !== undefined;
      return {
        sends_mail: context.mail !== undefined,
        email: isConfirmed ? email.email : null,
        opens_account: opens,
        pending: pending
          ? { email: pending.email, expires_at: isoTime(pending.expiresAtMs) }
          : null,
        language: choice.language === undefined ? null : mailLanguage(choice.language),
        tells_low_balance: choice.tellsLow,
        tells_renewal: choice.tellsRenewal,
        low_below: choice.lowBelowCredits ?? context.policy.lowBalanceCredits,
      };
    },
  });

  api.post('/api/account/email/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Give an address for mail; a link is sent to it, with which it is confirmed',
      body: GivenEmail,
      response: { 202: Done, 403: Proof, 409: Off, 429: Throttled, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      // Whoever can change it can choose a new password.
      await requireFreshProof(context, request);
      const { email, language = request.headers['accept-language'] } = request.body;
      await giveAddress(context, userOf(request).id, { email, language });
      return reply.code(202).send({});
    },
  });

  api.delete('/api/account/email/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Remove your address for mail',
      response: { 204: NoContent, 403: Proof, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      await removeAddress(context, userOf(request).id);
      return reply.code(204).send(null);
    },
  });
}

function choiceRoutes(api: Api, context: Context): void {
  api.patch('/api/account/mail/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Choose what is mailed to you, and in which language',
      body: MailChoices,
      response: { 204: NoContent, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { language, tells_low_balance, tells_renewal, low_below } = request.body;
      const change = {
        ...(language === undefined ? {} : { language }),
        ...(tells_low_balance === undefined ? {} : { tellsLow: tells_low_balance }),
        ...(tells_renewal === undefined ? {} : { tellsRenewal: tells_renewal }),
        ...(low_below === undefined ? {} : { lowBelowCredits: low_below ?? undefined }),
      };
      await context.mailSettings.change(userOf(request).id, change, context.now());
      return reply.code(204).send(null);
    },
  });
}

function linkRoutes(api: Api, context: Context): void {
  api.post('/api/email/confirm/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Confirm your address with the link that was mailed to it',
      body: EmailToken,
      response: {
        200: ConfirmedEmail,
        403: detailed('The link is of another account.'),
        409: detailed('Another account uses the address.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: (request) => confirmAddress(context, userOf(request).id, request.body.token),
  });

  api.post('/api/mail/unsubscribe/', {
    config: { access: 'public' },
    schema: {
      tags: ['Notices'],
      summary: 'End mail of one kind, as mail programs do (RFC 8058)',
      querystring: UnsubscribeQuery,
      response: { 200: Unsubscribed, ...PUBLIC_BODY_ERRORS },
    },
    handler: ({ query }) => unsubscribe(context, query.token),
  });

  api.get('/api/mail/unsubscribe/', {
    config: { access: 'public' },
    schema: {
      tags: ['Notices'],
      summary: 'Go to the page that ends mail of one kind: programs that fetch links end nothing',
      querystring: UnsubscribeQuery,
      response: { 303: Type.Null({ description: 'To the page.' }), ...PUBLIC_BODY_ERRORS },
    },
    handler: async ({ query, server }, reply) =>
      reply
        .code(303)
        .header('location', `${server.publicSite.prefix}/unsubscribe#${query.token}`)
        .send(null),
  });
}

function forgottenRoute(api: Api, context: Context): void {
  api.post('/api/password/forgotten/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Ask for a link to choose a new password, by mail',
      description:
        'The answer is the same whether there is such an account with a confirmed address or not.',
      body: ForgottenBody,
      response: { 202: Done, 409: Off, 429: Throttled, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { ip: address, headers, body, log } = request;
      const languages = headers['accept-language'];
      const sendLink = await forgotPassword(context, { name: body.name, address, languages });
      // Not before the answer, whose time would tell whether there is such an account.
      setImmediate(() => {
        sendLink().catch((err: unknown) => log.error({ err }, 'a link could not be mailed'));
      });
      return reply.code(202).send({});
    },
  });
}
