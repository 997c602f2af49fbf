/**
 * A restart and a reload in the midst of streams and chats: no connection is refused, every stream
 * ends whole or is resumed, and each answer is charged once. The long form (`npm run test:faults`)
 * has 200 streams and as many chats as the machine can do.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { postJson } from '../support/http.ts';
import { passSocket } from '../support/passed-socket.ts';
import { startPostgres } from '../support/postgres.ts';
import { newFolder, newUser, runChit } from '../support/server.ts';
import { isWhole, startStreamingProvider } from '../support/streaming-provider.ts';

const IS_LONG = process.env.FAULTS === 'long';
const PLAN = IS_LONG
  ? { users: 20, streams: 200, clients: 64, eachMs: 3_000 }
  : { users: 2, streams: 20, clients: 8, eachMs: 200 };
const SETTINGS = {
  CHIT_SIGNUP_TOKENS: '1000000000',
  CHIT_LOG_LEVEL: 'warn',
  CHIT_STOP_SECONDS: '60',
  // How fast the machine is does not matter here.
  CHIT_QUERY_TIMEOUT_SECONDS: '60',
  CHIT_LOCK_TIMEOUT_SECONDS: '30',
};

test('SQLite: a restart and a reload under load lose nothing', (t) => restartUnderLoad(t, {}));

test('PostgreSQL: a restart and a reload under load lose nothing', async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  await restartUnderLoad(t, { CHIT_DATABASE_URL: await postgres.newDatabase() });
});

async function restartUnderLoad(t: TestContext, settings: Record<string, string>): Promise<void> {
  const provider = await startStreamingProvider();
  t.after(() => provider.close());
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const writeModels = (perMessage: number) =>
    writeFileSync(join(folder, 'chit.json'), modelsOf(provider.url, perMessage));
  writeModels(10);
  const socket = await passSocket(t, folder, { ...SETTINGS, ...settings });
  const { url } = socket;
  const first = await socket.start();
  const users = Array.from({ length: PLAN.users }, (_, nth) => signIn(url, `user${nth}`));
  const load = new Load(url, await Promise.all(users));
  const startedMs = performance.now();
  const streams = Array.from({ length: PLAN.streams }, (_, nth) =>
    nth % 2 === 0 ? load.relay(nth) : load.follow(nth),
  );
  const chats = Array.from({ length: PLAN.clients }, (_, nth) =>
    load.chatUntilEnd(nth, nth % 4 > 0),
  );
  await load.until(() => load.begun === PLAN.streams);
  await sleep(PLAN.eachMs);
  writeModels(20);
  process.kill(first.pid, 'SIGHUP');
  await sleep(PLAN.eachMs);
  const second = await socket.start();
  const ended = first.end('SIGTERM');
  load.reconnect.abort();
  await load.until(() => load.resumed >= PLAN.streams / 2);
  await sleep(PLAN.eachMs);
  provider.finish();
  assert.equal(await ended, 0, first.output());
  const texts = await Promise.all(streams);
  await sleep(PLAN.eachMs);
  load.isOver = true;
  await Promise.all(chats);
  const perSecond = Math.round((load.answered * 1000) / (performance.now() - startedMs));
  assert.equal(await second.end('SIGTERM'), 0, second.output());

  const broken = texts.filter((text) => !isWhole(text)).length;
  const { charges, held } = await bookedIn(
    settings.CHIT_DATABASE_URL ?? `sqlite:${join(folder, 'data/chit.db')}`,
  );
  t.diagnostic(
    `${PLAN.streams} streams, ${load.answered} chats (${perSecond}/s), ${load.resumed} resumed, ` +
      `${load.shed} refused for overload: ` +
      `failed ${load.failures.length}, broken ${broken}, ` +
      `charged twice ${charges - load.answered - PLAN.streams}`,
  );
  assert.deepEqual(load.failures.slice(0, 5), []);
  assert.equal(broken, 0);
  assert.equal(charges, load.answered + PLAN.streams);
  assert.equal(held, 0);
  const verified = await runChit(folder, ['ledger', 'verify'], { settings });
  assert.equal(verified.code, 0, verified.stdout);
}

async function bookedIn(databaseUrl: string): Promise<{ charges: number; held: number }> {
  const database = openDatabase(databaseUrl);
  const { rows } = await sql<{ charges: number; held: number }>`SELECT count(*) AS charges,
    (SELECT sum(held) FROM accounts) AS held FROM transfers WHERE kind = 'charge'`.execute(
    database.kysely,
  );
  await database.close();
  return { charges: Number(rows[0]?.charges), held: Number(rows[0]?.held) };
}

function modelsOf(url: string, perMessage: number): string {
  return JSON.stringify({
    providers: { p: { wire: 'openai', baseUrl: `${url}/v1` } },
    models: [
      { name: 'fast', provider: 'p', price: { perMessage } },
      { name: 'slow', provider: 'p', price: { perMessage: 5 } },
    ],
    defaultModel: 'fast',
  });
}

const BUSY_MS = 200;
const JSON_BODY = { 'content-type': 'application/json' };

interface Identity {
  readonly access: string;
  readonly key: string;
}

async function signIn(url: string, name: string): Promise<Identity> {
  const { access } = await newUser(url, name);
  const { json } = await postJson(`${url}/api/keys/`, { name: 'load' }, access);
  return { access, key: (json as { key: string }).key };
}

/** Clients as they are, which ask nothing twice. */
class Load {
  readonly failures: string[] = [];
  /** Has those who follow a reply lose their connection, and connect again. */
  readonly reconnect = new AbortController();
  /** Streams whose text has begun. */
  begun = 0;
  answered = 0;
  resumed = 0;
  /** Requests that were refused since the machine had too much to do. */
  shed = 0;
  isOver = false;
  readonly #url: string;
  readonly #users: readonly Identity[];
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string, users: readonly Identity[]) {
    this.#url = url;
    this.#users = users;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.failures.length === 0) await sleep(10);
  }

  /** Chats one after the other, over connections that are kept or a new one for each. */
  async chatUntilEnd(user: number, isKept: boolean): Promise<void> {
    while (!this.isOver) {
      try {
        const agent = isKept ? this.#agent : false;
        await this.#post(user, '/api/chat/', { message: 'Hello' }, agent);
        this.answered += 1;
      } catch (error) {
        this.failures.push(`chat: ${(error as Error).message}`);
      }
    }
  }

  /** A stream under `/v1/`. Returns its text if it ended as it should. */
  async relay(user: number): Promise<string> {
    const messages = [{ role: 'user', content: 'Hello' }];
    const body = { model: 'slow', stream: true, messages };
    const begin = () => this.#begin();
    const text = await this.#post(user, '/v1/chat/completions', body, false, begin).catch(String);
    if (!text.includes('data: [DONE]')) return text;
    return textIn(text, (data) => (data as RelayedChunk).choices[0]?.delta?.content);
  }

  /** A reply on the page, which is followed over two connections. Returns its text. */
  async follow(user: number): Promise<string> {
    const begun = await this.#post(user, '/api/conversations/', {}, false);
    const { id } = JSON.parse(begun) as { id: string };
    const path = `/api/conversations/${id}/messages/`;
    const sent = await this.#post(user, path, { message: 'Hello', model: 'slow' }, false);
    const message = (JSON.parse(sent) as { id: string }).id;
    let text = '';
    for (let isDone = false; !isDone; ) {
      const signal = this.reconnect.signal.aborted ? undefined : this.reconnect.signal;
      if (text !== '' && !signal) this.resumed += 1;
      const headers = { 'last-event-id': String(text.length) };
      const outgoing = this.#open(user, 'GET', `/api/messages/${message}/stream/`, headers, false);
      signal?.addEventListener('abort', () => outgoing.destroy());
      outgoing.end();
      const isFirst = text === '';
      const begin = () => isFirst && this.#begin();
      const read = await received(outgoing, begin).catch((error: Error & { text?: string }) => {
        if (!signal?.aborted && !isBusy(error)) this.failures.push(`follow: ${error.message}`);
        return error.text ?? '';
      });
      text += textIn(read, (data) => (data as { text?: string }).text);
      isDone = read.includes('event: done');
    }
    return text;
  }

  #begin(): void {
    this.begun += 1;
  }

  async #post(
    user: number,
    path: string,
    body: object,
    agent: Agent | false,
    onBegun?: () => void,
  ): Promise<string> {
    for (;;) {
      const outgoing = this.#open(user, 'POST', path, JSON_BODY, agent);
      outgoing.end(JSON.stringify(body));
      try {
        return await received(outgoing, onBegun);
      } catch (error) {
        // It is told to come again; that is about the machine, and not about the restart.
        if (!isBusy(error)) throw error;
        this.shed += 1;
        await sleep(BUSY_MS);
      }
    }
  }

  #open(
    user: number,
    method: string,
    path: string,
    more: Record<string, string>,
    agent: Agent | false,
  ) {
    const who = this.#users[user % this.#users.length];
    const authorization = `Bearer ${path.startsWith('/v1/') ? who?.key : who?.access}`;
    const headers = { authorization, ...more };
    return request(`${this.#url}${path}`, { method, agent, headers });
  }
}

interface RelayedChunk {
  readonly choices: readonly { readonly delta?: { readonly content?: string } }[];
}

function isBusy(error: unknown): boolean {
  return (error as Error).message.includes('"server_busy"');
}

/** The body of a response; an error has what came of it as `text`. */
function received(
  outgoing: ReturnType<typeof request>,
  onBegun: () => void = () => undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (error: Error) => reject(Object.assign(error, { text }));
    outgoing.once('error', fail);
    outgoing.once('response', (incoming: IncomingMessage) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        if (text === '' && incoming.statusCode === 200) onBegun();
        text += chunk;
      });
      incoming.once('error', fail);
      incoming.once('end', () => {
        const { statusCode = 0 } = incoming;
        if (statusCode < 300) resolve(text);
        else fail(new Error(`${statusCode} ${text}`));
      });
    });
  });
}

/** The text of whole events. */
function textIn(stream: string, textOf: (data: unknown) => string | undefined): string {
  return stream
    .split('\n\n')
    .slice(0, -1)
    .map((event) => /^data: (\{.*\})$/m.exec(event)?.[1])
    .map((data) => (data === undefined ? '' : (textOf(JSON.parse(data)) ?? '')))
    .join('');
}
