/** A server with a provider of OpenID Connect in the process of the test, and a browser. */
import type { LightMyRequestResponse as Answer } from 'fastify';
import { serverFor } from '../../src/compose.ts';
import type { Server } from '../../src/http/server.ts';
import { FakeIdentityProvider } from './fake-identity-provider.ts';
import { openProviderChit, type ProviderChit } from './provider-chit.ts';

/** A server with a provider, and a browser. */
export class ProviderSite {
  readonly provider: FakeIdentityProvider;
  readonly opened: ProviderChit;
  readonly server: Server;
  /** What the browser keeps, by name. */
  cookies: Record<string, string> = {};

  private constructor(provider: FakeIdentityProvider, opened: ProviderChit, server: Server) {
    this.provider = provider;
    this.opened = opened;
    this.server = server;
  }

  static async open(
    settings: Record<string, string> = {},
    school: object = {},
  ): Promise<ProviderSite> {
    const provider = await FakeIdentityProvider.make();
    const all = { CHIT_LOG_LEVEL: 'silent', ...settings };
    const options = { school, settings: all };
    const opened = await openProviderChit('sqlite::memory:', provider, options);
    const { chit, context, config } = opened;
    return new ProviderSite(provider, opened, await serverFor({ ...chit, context }, config));
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.opened.chit.close();
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await this.server.inject({ url, headers, cookies: this.cookies });
    for (const { name, value } of answer.cookies) this.cookies[name] = value;
    return answer;
  }

  post(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.server.inject({ method: 'POST', url, payload: body, headers });
  }

  /** Goes to the provider, consents, and comes back. */
  async signIn(
    sub: string,
    path = '/api/sign-in/school/',
    headers: Record<string, string> = {},
    claims: Record<string, unknown> = {},
  ): Promise<Answer> {
    const away = await this.get(path, headers);
    const back = this.provider.authorize(String(away.headers.location), { sub, claims });
    const prefix = this.server.publicSite.prefix;
    return this.get(back.pathname.slice(prefix.length) + back.search, headers);
  }
}
