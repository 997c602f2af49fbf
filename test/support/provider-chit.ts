/** Opened Chits with a provider of OpenID Connect that answers in the process of the test. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginSignIn, finishSignIn } from '../../src/app/accounts/sign-in/sign-in-by-provider.ts';
import type { Context } from '../../src/app/context.ts';
import type { CarriedInvitation } from '../../src/app/invitations/arrive-invited.ts';
import { OidcClients } from '../../src/auth/oidc/oidc-clients.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Consent, FakeIdentityProvider } from './fake-identity-provider.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { newFolder, SECRET_KEY } from './server.ts';

export const REDIRECT_URI = 'https://chat.example/api/sign-in/school/callback/';

/** Writes a `chit.json` with a model and these members. @returns its path */
export function configFile(members: object, folder = newFolder()): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'chit.json');
  const models = [{ name: 'dummy', provider: 'built-in', price: { perMessage: 1 } }];
  writeFileSync(file, JSON.stringify({ models, ...members }));
  return file;
}

export interface ProviderChit {
  readonly chit: Chit;
  readonly config: Config;
  /** That of the Chit, with a provider in this process and a clock that can be set. */
  readonly context: Context;
  readonly clock: { offsetMs: number };
}

/** A Chit whose provider `school` is the given one. */
export async function openProviderChit(
  databaseUrl: string,
  provider: FakeIdentityProvider,
  options: {
    readonly school?: object;
    /** More providers. */
    readonly others?: object;
    readonly settings?: Record<string, string>;
  } = {},
): Promise<ProviderChit> {
  const { issuer, clientId } = provider;
  const school = { issuer, clientId, ...options.school };
  const settings = {
    ...PATIENT_SETTINGS,
    CHIT_DATABASE_URL: databaseUrl,
    CHIT_SECRET_KEY: SECRET_KEY,
    CHIT_CONFIG: configFile({ signIn: { school, ...options.others } }),
    ...options.settings,
  };
  const { config } = loadConfig(settings, 'no such file');
  const chit = await openChit(config);
  const clock = { offsetMs: 0 };
  const now = () => Date.now() + clock.offsetMs;
  const oidc = new OidcClients({ fetch: provider.fetch, now });
  return { chit, config, context: { ...chit.context, oidc, now }, clock };
}

/** A browser that has left for the provider. */
export interface Away {
  readonly url: string;
  readonly browser: string;
}

/** Begins a sign-in, in a browser of its own. */
export function leave(
  context: Context,
  browser = '',
  invitation?: CarriedInvitation,
): Promise<Away> {
  const redirectUri = REDIRECT_URI;
  const rest = { redirectUri, browser, returnTo: undefined, address: '192.0.2.1', invitation };
  return beginSignIn(context, { provider: 'school', ...rest });
}

/** Comes back from the provider. */
export function comeBack(
  context: Context,
  callbackUrl: URL,
  { browser, provider = 'school' }: Pick<Away, 'browser'> & { readonly provider?: string },
) {
  const rest = { device: '', address: '192.0.2.1', userAgent: undefined };
  return finishSignIn(context, { provider, callbackUrl, browser, ...rest });
}

/** Signs somebody in. */
export async function signInAs(context: Context, provider: FakeIdentityProvider, consent: Consent) {
  const away = await leave(context);
  return comeBack(context, provider.authorize(away.url, consent), away);
}

/** A mark that a browser could have. */
export const otherBrowser = (): { browser: string } => ({
  browser: randomBytes(32).toString('base64url'),
});
