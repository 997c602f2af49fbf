/** A server as users start it, a provider, and the people of a hostile run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { ADMIN_SCOPES } from '../../src/core/admin-scopes.ts';
import { type Answer, send } from '../support/http.ts';
import type { Behaviour } from '../support/providers/behaviour.ts';
import { type ProviderEmulator, startProviderEmulator } from '../support/providers/emulator.ts';
import type { RecordedRequest } from '../support/providers/requests.ts';
import { newFolder, newUser, runChit, startServer, type TestServer } from '../support/server.ts';
import { furnishLimits, MANAGER } from './furnish-limits.ts';
import type { Random } from './random.ts';

export const FLAT_PRICE = 100;
export const MODELS = ['flat', 'usage', 'claude', 'embed', 'shaky', 'gone', 'inner'] as const;
const PASSWORD = 'a long passphrase';
const MOST_STOP_MS = 15_000;
const POOR_TOKENS = 250;
const LAMBS = 12;
/** How many ids of each kind are remembered. */
const MOST_IDS = 200;

const SETTINGS = {
  CHIT_SIGNUPS_PER_HOUR: '0',
  CHIT_SIGNUP_TOKENS: '1000000000',
  CHIT_ACCESS_TOKEN_MINUTES: '1440',
  CHIT_REQUEST_TIMEOUT_SECONDS: '3',
  CHIT_CORS_ORIGINS: 'https://friend.example',
  CHIT_LOG_LEVEL: 'error',
};

/** Somebody who sends requests. */
export interface Identity {
  readonly name: string;
  readonly kind: 'nobody' | 'user' | 'staff' | 'key' | 'admin-key' | 'scim' | 'refused';
  /** A token or an API key; replaced when it ends. */
  credential: string;
  /** Undefined for an API key that belongs to nobody any more. */
  readonly ownerName: string | undefined;
  /** Whether charges of the account are compared with what was told. */
  readonly isCounted: boolean;
}

/** Ids that requests name; replies add to them. */
export class Ids {
  readonly #lists = new Map<string, string[]>();

  add(kind: string, id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const list = this.#lists.get(kind) ?? [];
    if (list.length >= MOST_IDS) list.shift();
    list.push(String(id));
    this.#lists.set(kind, list);
  }

  remove(kind: string, id: string): void {
    this.#lists.set(
      kind,
      this.all(kind).filter((it) => it !== id),
    );
  }

  all(kind: string): readonly string[] {
    return this.#lists.get(kind) ?? [];
  }

  any(kind: string, random: Random): string | undefined {
    const list = this.all(kind);
    return list.length === 0 ? undefined : random.pick(list);
  }
}

/** Somebody with data that nobody else may read, and that nobody may change. */
export interface Victim {
  readonly name: string;
  readonly access: string;
}

/** What a hostile run is sent to. */
export class Site {
  readonly server: TestServer;
  readonly provider: ProviderEmulator;
  readonly ids = new Ids();
  readonly identities: Identity[] = [];
  readonly victims: Victim[] = [];
  /** Texts that only their owner may read, by the name of the owner. */
  readonly secrets = new Map<string, readonly string[]>();
  /** Session cookies by the name of the identity. */
  readonly cookies = new Map<string, string>();
  root = '';
  #lambs = 0;

  private constructor(server: TestServer, provider: ProviderEmulator) {
    this.server = server;
    this.provider = provider;
  }

  /** Starts both and fills them. */
  static async start(random: Random): Promise<Site> {
    const folder = newFolder();
    const provider = await startProviderEmulator({ remembers: false });
    provider.behave(behaviourFor);
    writeFileSync(join(folder, 'chit.json'), JSON.stringify(deploymentAt(provider.url)));
    for (const command of [['migrate'], ['createsuperuser', '--username', 'root']]) {
      const { code, stderr } = await runChit(folder, command, { input: `${PASSWORD}\n` });
      if (code !== 0) throw new Error(stderr);
    }
    const server = await startServer(SETTINGS, folder, commandOfUsers());
    const site = new Site(server, provider);
    try {
      await site.#fill(random);
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** One request that must be answered with success. */
  async ask(access: string, method: string, path: string, body?: object): Promise<Answer> {
    const answer = await send(`${this.server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    }
    return answer;
  }

  /** Adds somebody who sends requests. */
  meet(identity: Pick<Identity, 'name' | 'kind' | 'credential'> & Partial<Identity>): void {
    this.identities.push({ ownerName: identity.name, isCounted: false, ...identity });
  }

  /** All that a victim has, as the API shows it. */
  async belongingsOf({ access }: Victim): Promise<string> {
    const texts: string[] = [];
    const paths = ['/api/me/', '/api/tokens/', '/api/tokens/history/', '/api/keys/'];
    for (const path of [...paths, '/api/limits/', '/api/groups/', '/api/conversations/']) {
      texts.push((await this.ask(access, 'GET', path)).text);
    }
    const { conversations } = JSON.parse(texts.at(-1) ?? '') as { conversations: { id: string }[] };
    for (const { id } of conversations) {
      texts.push((await this.ask(access, 'GET', `/api/conversations/${id}/messages/`)).text);
    }
    return texts.join('\n');
  }

  /** Gives somebody a new token, after one was refused. */
  async renew(identity: Identity): Promise<void> {
    const { ownerName } = identity;
    if (ownerName === undefined || !['user', 'staff'].includes(identity.kind)) return;
    const body = JSON.stringify({ username: ownerName, password: PASSWORD });
    const headers = { 'content-type': 'application/json' };
    const url = `${this.server.url}/api/login/`;
    const answer = await send(url, { method: 'POST', headers, body });
    if (answer.status !== 200) return;
    identity.credential = (answer.json as { access: string }).access;
  }

  /** Whether the server answers within so many milliseconds. */
  async answersWithin(mostMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(mostMs);
    return fetch(`${this.server.url}/healthz`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Stops both and removes the folder; a server that does not stop is killed. */
  async stop(): Promise<void> {
    const killing = setTimeout(() => void this.server.kill(), MOST_STOP_MS);
    await this.server.stop();
    clearTimeout(killing);
    await this.provider.close();
  }

  async #fill(random: Random): Promise<void> {
    const { url } = this.server;
    const login = await send(`${url}/api/login/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'root', password: PASSWORD }),
    });
    this.root = (login.json as { access: string }).access;
    this.meet({ name: 'root', kind: 'staff', credential: this.root });
    const wanted = { name: 'directory' };
    const { json } = await this.ask(this.root, 'POST', '/api/admin/scim-tokens/', wanted);
    const { token } = json as { token: string };
    this.meet({ name: 'directory', kind: 'scim', credential: token, ownerName: undefined });
    this.meet({ name: 'nobody', kind: 'nobody', credential: '', ownerName: undefined });
    for (const name of ['vera', 'viktor']) {
      const { access, refresh } = await newUser(url, name, PASSWORD);
      this.victims.push({ name, access });
      this.ids.add('refresh-of-victim', refresh);
      await this.#furnish(name, access, random);
    }
    for (const name of ['alice', 'bob', 'eve']) {
      const { access } = await newUser(url, name, PASSWORD);
      this.meet({ name, kind: 'user', credential: access, isCounted: name !== 'eve' });
      await this.#furnish(name, access, random);
    }
    await this.#meetByRoot('carol', { tokens: POOR_TOKENS });
    await this.#meetByRoot('sam', { is_staff: true });
    await this.#meetMallory();
    await this.#meetPrograms();
    await this.#meetRefused();
    for (let index = 0; index < LAMBS; index += 1) await this.addLamb();
    const { access } = await newUser(url, MANAGER, PASSWORD);
    this.meet({ name: MANAGER, kind: 'user', credential: access });
    await furnishLimits(this, this.identities.at(-1) as Identity, random);
  }

  async #meetByRoot(name: string, fields: { tokens?: number; is_staff?: boolean }): Promise<void> {
    const body = { username: name, password: PASSWORD, ...fields };
    await this.ask(this.root, 'POST', '/api/admin/users/', body);
    const kind = fields.is_staff ? 'staff' : 'user';
    const identity = { name, kind, credential: '', ownerName: name, isCounted: !fields.is_staff };
    await this.renew(identity as Identity);
    this.meet(identity as Identity);
  }

  /** Admin keys of the superuser with all scopes, with one, and one that was ended. */
  async #meetPrograms(): Promise<void> {
    const make = async (name: string, scopes: readonly string[]) => {
      const made = await this.ask(this.root, 'POST', '/api/admin/keys/', { name, scopes });
      return made.json as { id: string; key: string };
    };
    const all = await make('all', ADMIN_SCOPES);
    this.meet({ name: 'program', kind: 'admin-key', credential: all.key, ownerName: undefined });
    for (const name of ['spare', 'another']) {
      this.ids.add('admin-key-id', (await make(name, ['users:read'])).id);
    }
    const { key } = await make('reader', ['users:read']);
    this.meet({ name: 'reader', kind: 'admin-key', credential: key, ownerName: undefined });
    const ended = await make('ended', ADMIN_SCOPES);
    await this.ask(this.root, 'DELETE', `/api/admin/keys/${ended.id}/`);
    this.meet({ name: 'ended', kind: 'refused', credential: ended.key, ownerName: undefined });
  }

  /** Somebody whose name and password all know. */
  async #meetMallory(): Promise<void> {
    const { access, refresh } = await newUser(this.server.url, 'mallory', PASSWORD);
    this.meet({ name: 'mallory', kind: 'user', credential: access });
    this.ids.add('refresh', refresh);
    this.ids.add('password', PASSWORD);
  }

  /** A disabled user, a deleted one, and keys that are used up, expired or revoked. */
  async #meetRefused(): Promise<void> {
    const { url } = this.server;
    for (const name of ['dave', 'ghost']) {
      const { access, refresh } = await newUser(url, name, PASSWORD);
      await this.#addKey(access, { name: `${name}s`, kind: 'refused', ownerName: name }, {});
      const { id } = (await this.ask(access, 'GET', '/api/me/')).json as { id: number };
      if (name === 'dave') {
        await this.ask(this.root, 'PATCH', `/api/admin/users/${id}/`, { is_active: false });
      } else {
        await this.ask(this.root, 'DELETE', `/api/admin/users/${id}/?reason=test`);
      }
      this.ids.add('refresh', refresh);
      this.meet({ name, kind: 'refused', credential: access });
    }
  }

  /** An account that staff may do anything to, with an API key. */
  async addLamb(): Promise<void> {
    this.#lambs += 1;
    const username = `lamb${this.#lambs}`;
    const body = { username, password: PASSWORD, tokens: 1_000 };
    const made = await this.ask(this.root, 'POST', '/api/admin/users/', body);
    this.ids.add('lamb-id', (made.json as { user: { id: number } }).user.id);
    this.ids.add('lamb-name', username);
    const login = await this.ask('', 'POST', '/api/login/', { username, password: PASSWORD });
    const { access } = login.json as { access: string };
    const key = await this.ask(access, 'POST', '/api/keys/', { name: 'key of a lamb' });
    this.ids.add('key of lamb', (key.json as { id: string }).id);
  }

  /** Conversations, one of them shared, and API keys. */
  async #furnish(name: string, access: string, random: Random): Promise<void> {
    const chatSecret = `chatsecret-${name}-${random.hex(12)}`;
    const keySecret = `keysecret-${name}-${random.hex(12)}`;
    this.secrets.set(name, [chatSecret, keySecret]);
    for (const isShared of [false, true]) {
      const text = isShared ? `shared by ${name}` : chatSecret;
      const body = { title: text, system_prompt: text };
      const made = await this.ask(access, 'POST', '/api/conversations/', body);
      const { id } = made.json as { id: string };
      const path = `/api/conversations/${id}/`;
      const sent = await this.ask(access, 'POST', `${path}messages/`, { message: text });
      this.ids.add(`conversation of ${name}`, id);
      this.ids.add(`message of ${name}`, (sent.json as { id: string }).id);
      if (!isShared) continue;
      const { share } = (await this.ask(access, 'POST', `${path}share/`)).json as { share: string };
      this.ids.add('share', share.split(/[/#]/).filter(Boolean).at(-1));
    }
    const isVictim = this.victims.some((it) => it.name === name);
    const owned = { kind: 'key', ownerName: name, isCounted: name !== 'eve' } as const;
    await this.#addKey(access, { ...owned, name: `${name}s key` }, { name: keySecret }, isVictim);
    if (isVictim) return;
    await this.#addKey(access, { ...owned, name: `${name}s budget` }, { budget: 3_000 });
    await this.#addKey(access, { ...owned, name: `${name}s flat` }, { models: ['flat'] });
    const expired = { kind: 'refused', ownerName: name } as const;
    const soon = new Date(Date.now() + 1_000).toISOString();
    await this.#addKey(access, { ...expired, name: `${name}s expired` }, { expires_at: soon });
  }

  async #addKey(
    access: string,
    identity: Omit<Identity, 'credential' | 'isCounted'> & { isCounted?: boolean },
    fields: object,
    isUnused = false,
  ): Promise<void> {
    const made = await this.ask(access, 'POST', '/api/keys/', { name: 'a key', ...fields });
    const { id, key } = made.json as { id: string; key: string };
    this.ids.add(`key of ${identity.ownerName}`, id);
    if (!isUnused) this.meet({ ...identity, credential: key });
  }
}

/** What Node is started with by `npm start`, with the program by its whole path. */
function commandOfUsers(): string[] {
  const [, ...words] = packageJson.scripts.start.split(' ');
  const root = join(import.meta.dirname, '../..');
  return words.map((word) => (word === 'bin/chit.js' ? join(root, word) : word));
}

function deploymentAt(url: string): object {
  const usage = { perMillionInput: 1_000_000, perMillionOutput: 1_000_000 };
  const model = (name: string, provider: string, price: object, more: object = {}) => ({
    name,
    provider,
    upstream: name,
    price,
    outputTokens: 200,
    ...more,
  });
  const flat = { perMessage: FLAT_PRICE };
  return {
    providers: {
      good: { wire: 'openai', baseUrl: `${url}/v1`, idleTimeoutSeconds: 3 },
      claudes: { wire: 'anthropic', baseUrl: url, idleTimeoutSeconds: 3 },
      dead: { wire: 'openai', baseUrl: 'http://127.0.0.1:9/v1', connectTimeoutSeconds: 1 },
    },
    models: [
      model('flat', 'good', flat),
      model('usage', 'good', usage),
      model('claude', 'claudes', usage),
      model('embed', 'good', { perMillionInput: 1_000_000, perMillionOutput: 'free' }),
      model('shaky', 'dead', flat, { fallbacks: ['flat'] }),
      model('gone', 'dead', flat),
      model('inner', 'good', flat, { allow: 'staff' }),
    ],
    defaultModel: 'flat',
  };
}

/** What a message can ask of the provider, written into its text as `~NAME~`. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  refuse400: { refuse: { status: 400 } },
  refuse401: { refuse: { status: 401 } },
  refuse429: { refuse: { status: 429, retryAfter: 7 } },
  refuse503: { refuse: { status: 503, isHtml: true } },
  cut: { fault: { kind: 'cut' } },
  cut2: { fault: { kind: 'cut', afterChunks: 2 } },
  error2: { fault: { kind: 'error-event', afterChunks: 2 } },
  end2: { fault: { kind: 'end', afterChunks: 2 } },
  malformed2: { fault: { kind: 'malformed', afterChunks: 2 } },
  slow: { chunkDelayMs: 20 },
  late: { headDelayMs: 300 },
  zero: { usage: 'zero' },
  omitted: { usage: 'omitted' },
  long: { words: 400, ignoresLimit: true },
  page: { text: '<script>alert(1)</script> $$ \0 \u202e' },
};
export const BEHAVIOUR_NAMES = Object.keys(BEHAVIOURS);

function behaviourFor({ body }: RecordedRequest): Behaviour {
  const text = body.subarray(-4_000).toString('latin1');
  const names = [...text.matchAll(/~(\w{3,12})~/g)].map(([, name]) => name ?? '');
  return BEHAVIOURS[names.at(-1) ?? ''] ?? {};
}
