import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { checkProvider } from '../../app/accounts/sign-in/check-provider.ts';
import { providers } from '../../app/accounts/sign-in/providers.ts';
import { ATTEMPT_MS } from '../../app/accounts/sign-in/sign-in-by-provider.ts';
import { beginTrial, resultOfTrial } from '../../app/accounts/sign-in/try-sign-in.ts';
import type { Context } from '../../app/context.ts';
import { tryLdap } from '../../app/directory/try-ldap.ts';
import { ChitError } from '../../core/errors.ts';
import type { LdapSettings } from '../../core/ldap.ts';
import type { SignInPreview } from '../../core/sign-in-preview.ts';
import type { SignInProvider } from '../../core/sign-in-provider.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
  Throttled,
} from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { keepSignIn, signInMarkIn } from './session-cookie.ts';
import {
  BegunTrial,
  CheckedDirectory,
  CheckedProvider,
  SignInWays,
  Trial,
  TrialPath,
  TriedDirectory,
  TryDirectory,
} from './sign-in-admin-schema.ts';
import { callbackOf, logoutUriOf } from './sign-in-routes.ts';
import { ProviderPath } from './sign-in-schema.ts';
import { siteAddressOf } from './site-address.ts';

const tags = ['Admin: site'];
const security = [{ bearer: [] }];
const NoProvider = detailed('There is no such provider.');

/** The ways to sign in that `chit.json` describes: how they do, and trying them. */
export function signInAdminRoutes(api: Api, context: Context, publicUrl: string): void {
  api.get('/api/admin/sign-in/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Show the providers and the directory by which people sign in',
      response: { 200: SignInWays, ...STAFF_ERRORS },
    },
    handler: async (request) => ({
      password_login: context.policy.isPasswordLoginOn,
      address_is_set: publicUrl !== '',
      providers: providers(context).map((it) => shownProvider(context, request, it)),
      directory: shownDirectory(context.ldap.current?.settings),
    }),
  });

  api.post('/api/admin/sign-in/:provider/check/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Ask a provider what it says of itself, and for its keys',
      params: ProviderPath,
      response: { 200: CheckedProvider, 404: NoProvider, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const checked = await checkProvider(context, request.params.provider);
      if ('fault' in checked) return { fault: checked.fault, offers: null };
      const { facts } = checked;
      const offers = {
        keys: facts.keys,
        user_info: facts.hasUserInfo,
        sign_out: facts.hasSignOut,
        back_channel_logout: facts.hasBackChannelLogout,
        names_sessions: facts.namesSessions,
      };
      return { fault: null, offers };
    },
  });

  api.post('/api/admin/directory/check/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Ask each server of the directory whether it can be used',
      response: {
        200: CheckedDirectory,
        404: detailed('There is no directory.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async () => {
      const directory = context.ldap.current;
      if (!directory) throw new ChitError('directory_not_set', undefined);
      const servers = await directory.check();
      return { servers: servers.map(({ url, fault = null }) => ({ url, fault })) };
    },
  });

  trialRoutes(api, context);
}

function trialRoutes(api: Api, context: Context): void {
  const config = staffWith('signed_in_only');

  api.post('/api/admin/sign-in/:provider/try/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Begin a sign-in that only shows what would happen; needs a fresh proof',
      params: ProviderPath,
      response: {
        200: BegunTrial,
        404: NoProvider,
        429: Throttled,
        502: detailed('The provider does not answer.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const { provider } = request.params;
      const { url, browser } = await beginTrial(context, principalOf(request), {
        provider,
        redirectUri: callbackOf(request, provider),
        browser: signInMarkIn(request),
        address: request.ip,
      });
      keepSignIn(reply, browser, ATTEMPT_MS / 1000);
      return { url };
    },
  });

  api.get('/api/admin/sign-in/trials/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'What came of a sign-in that you tried, for ten minutes',
      params: TrialPath,
      response: { 200: Trial, 404: detailed('There is no such trial.'), ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const result = await resultOfTrial(context, userOf(request).id, request.params.id);
      const { provider } = result;
      if ('failure' in result) {
        const { failure, fault = null } = result;
        const nothing = { issuer: null, subject: null, claims: null, preview: null };
        return { provider, ...nothing, failure, fault };
      }
      const { issuer, subject, claims, preview } = result;
      const said = { issuer, subject, claims: { ...claims } };
      return { provider, ...said, preview: shownPreview(preview), failure: null, fault: null };
    },
  });

  api.post('/api/admin/directory/try/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Look a name up in the directory to see what would happen; needs a fresh proof',
      body: TryDirectory,
      response: {
        200: TriedDirectory,
        404: detailed('There is no directory.'),
        429: Throttled,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      const { username, password = '' } = request.body;
      const given = { username, password };
      const { inspection, preview } = await tryLdap(context, principalOf(request), given);
      const { found, isPasswordRight = null } = inspection;
      const entry = found && {
        dn: found.dn,
        attributes: [...found.values].map(([name, values]) => ({ name, values: [...values] })),
      };
      return {
        entry: entry ?? null,
        password_is_right: isPasswordRight,
        preview: shownPreview(preview),
      };
    },
  });
}

function shownProvider(
  context: Context,
  request: FastifyRequest,
  provider: SignInProvider,
): Static<typeof SignInWays>['providers'][number] {
  const { name } = provider;
  const { askedAtMs, okAtMs, failures } = context.oidc.health.of(name);
  return {
    name,
    issuer: provider.issuer,
    client_id: provider.clientId,
    has_secret: provider.clientSecret !== undefined,
    scopes: [...provider.scopes],
    button: { ...provider.button },
    username_claim: provider.usernameClaim ?? null,
    groups_claim: provider.groupsClaim,
    groups: Object.entries(provider.groups).map(([there, group]) => ({ there, group })),
    staff: provider.staff ? [...provider.staff] : null,
    requires: Object.entries(provider.requires).map(([claim, values]) => ({
      claim,
      values: [...values],
    })),
    match_by_email: provider.matchesByEmail,
    email_is_verified: provider.isEmailVerified,
    match_by_username: provider.matchesByUsername,
    new_accounts: provider.makesAccounts,
    sign_out: provider.signsOut,
    redirect_uri: callbackOf(request, name),
    sign_out_redirect_uri: `${siteAddressOf(request)}/`,
    back_channel_logout_uri: logoutUriOf(request, name),
    state: {
      asked_at: isoTime(askedAtMs),
      ok_at: isoTime(okAtMs),
      failures: failures.map(({ atMs, step, code, reason }) => ({
        at: isoTime(atMs),
        step,
        code,
        reason,
      })),
    },
  };
}

function shownDirectory(
  settings: LdapSettings | undefined,
): Static<typeof SignInWays>['directory'] {
  if (!settings) return null;
  const { attributes, groupSearch, staff } = settings;
  return {
    urls: [...settings.urls],
    start_tls: settings.startTls,
    bind_dn: settings.bindDn ?? null,
    base: settings.base,
    filter: settings.filter,
    attributes: { ...attributes, id: attributes.id ?? null },
    group_search: groupSearch ? { ...groupSearch } : null,
    groups: [...settings.groups].map(([there, group]) => ({ there, group })),
    staff: staff ? [...staff] : null,
    create_accounts: settings.createsAccounts,
  };
}

function shownPreview(preview: SignInPreview): Static<typeof TriedDirectory>['preview'] {
  const { email } = preview;
  return {
    outcome: preview.outcome,
    user_id: preview.userId ?? null,
    username: preview.username ?? null,
    email: email ? { address: email.address, is_verified: email.isVerified } : null,
    opening_tokens: preview.openingCredits ?? null,
    groups_there: preview.groupsThere ? [...preview.groupsThere] : null,
    groups: preview.groups.map((it) => ({ ...it })),
    is_staff: preview.isStaff ?? null,
    lacks: preview.lacks.map(({ claim, values }) => ({ claim, values: [...values] })),
  };
}
