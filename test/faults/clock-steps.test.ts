/**
 * The clock of the machine really steps under a server on SQLite, whose database has the same
 * clock: in the long form, and only where libfaketime is installed. `clock.test.ts` does it without
 * the library, by moving what depends on the clock.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, openTestChit, setActive } from '../support/chit.ts';
import { getWith, postJson } from '../support/http.ts';
import { type Step, script, scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServerFor, type TestServer } from '../support/server.ts';
import { faketimeLibrary, type SteppedClock, steppedClock } from '../support/stepped-clock.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const PRICE = 100;
const LEASE_SECONDS = 1;
/** What holds of a crashed server may take to end, from when another one listens. */
const RECOVERED_WITHIN_MS = LEASE_SECONDS * 1_000 + 2_000;
const SHUT_OUT_WITHIN_MS = 2_000;
/** Longer than from one recovery to the next. */
const A_RECOVERY_MS = 2_300;
const MINUTE = 60;
const HOUR = 3_600;

interface Site {
  readonly clock: SteppedClock;
  readonly server: TestServer;
  /** Reads the database, by the real clock. */
  readonly chit: Chit;
  /** Starts another server on the database, by the same clock. */
  startAnother(): Promise<TestServer>;
}

async function startSite(t: TestContext, library: string): Promise<Site> {
  const folder = newFolder();
  const clock = steppedClock(library, folder);
  const url = `sqlite:${join(folder, 'data/chit.db')}`;
  const settings = { CHIT_DATABASE_URL: url, CHIT_LEASE_SECONDS: `${LEASE_SECONDS}` };
  const startAnother = () =>
    startServerFor(t, { ...settings, ...clock.environment }, folder, [SCRIPTED, `${PRICE}`]);
  const server = await startAnother();
  const chit = await openTestChit(url, scriptedModel(flatPrice(PRICE)));
  t.after(() => chit.close());
  return { clock, server, chit, startAnother };
}

interface Stream {
  text: string;
  /** Resolves when the response has ended, or was broken off. */
  readonly ended: Promise<void>;
}

/** Asks for a reply of so many words, ten of them a second, and collects it as it comes. */
function stream(url: string, access: string, words: number): Stream {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reading: Stream = { text: '', ended: promise };
  const steps = Array.from({ length: words }, (): Step[] => [{ say: 'word ' }, { waitMs: 100 }]);
  const message = script(...steps.flat(), { say: 'the end' });
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  const outgoing = request(
    `${url}/api/chat/`,
    { method: 'POST', headers, agent: false },
    (incoming) => {
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => {
        reading.text += text;
      });
      incoming.on('error', () => undefined);
      incoming.on('close', resolve);
    },
  );
  outgoing.on('error', () => resolve());
  outgoing.end(JSON.stringify({ message, stream: true }));
  return reading;
}

/** The message as the last event of a stream tells it. */
function endOf(text: string): { response?: string; failure_code?: string } {
  const [, data] = /^event: done\ndata: (.*)\n\n$/m.exec(text) ?? [];
  assert.ok(data, `it ended otherwise: ${text.slice(-300)}`);
  return JSON.parse(data);
}

/** @returns how long it took, in milliseconds */
async function until(isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<number> {
  const startMs = performance.now();
  while (!(await isSo())) {
    assert.ok(performance.now() < startMs + withinMs, `it took longer than ${withinMs} ms`);
    await sleep(20);
  }
  return performance.now() - startMs;
}

async function idOf({ context }: Chit, username: string): Promise<number> {
  const user = await context.users.byUsername(username);
  assert.ok(user);
  return user.id;
}

/** Nothing is held, and each of so many replies was charged once. */
async function assertCharged(chit: Chit, userId: number, replies: number): Promise<void> {
  const page = { beforeNumber: undefined, limit: 100 };
  const lines = await chit.context.transfers.statement(userId, page);
  const charges = lines.filter(({ kind }) => kind === 'charge');
  assert.deepEqual(
    charges.map(({ credits }) => credits),
    Array.from({ length: replies }, () => 0 - PRICE),
  );
  assert.equal(new Set(charges.map(({ messageId }) => messageId)).size, replies);
  const account = await chit.context.ledger.account(userId);
  assert.deepEqual(account, { postedCredits: 4_000 - replies * PRICE, heldCredits: 0 });
  assert.deepEqual(await faultsOf(chit), []);
}

async function lossesUnderSteps(t: TestContext, library: string): Promise<void> {
  const { clock, server, chit } = await startSite(t, library);
  const { access } = await newUser(server.url, 'traveller');
  const streams = [1, 2, 3].map(() => stream(server.url, access, 100));
  await until(() => streams.every(({ text }) => text.includes('word')));
  let replies = streams.length;
  for (const offset of [MINUTE, MINUTE - HOUR, 0]) {
    clock.set(offset);
    const sent = [1, 2, 3].map((nth) =>
      postJson(`${server.url}/api/chat/`, { message: `${offset} ${nth}` }, access),
    );
    for (const { status, text, json } of await Promise.all(sent)) {
      assert.equal(status, 200, text);
      const { timestamp } = json as { timestamp: string };
      const aheadMs = Date.parse(timestamp) - Date.now();
      assert.ok(Math.abs(aheadMs - offset * 1_000) < 5_000, `its clock is off by ${aheadMs} ms`);
    }
    replies += sent.length;
    await sleep(A_RECOVERY_MS);
    assert.equal(await chit.context.holds.openCount(), streams.length, 'a hold was ended');
  }
  await Promise.all(streams.map(({ ended }) => ended));
  for (const { text } of streams) {
    const { response, failure_code } = endOf(text);
    assert.equal(response, `${'word '.repeat(100)}the end`);
    assert.equal(failure_code, undefined);
  }
  await assertCharged(chit, await idOf(chit, 'traveller'), replies);
}

async function disabledUnderSteps(t: TestContext, library: string): Promise<void> {
  const { clock, server, chit } = await startSite(t, library);
  for (const offset of [MINUTE, MINUTE - HOUR]) {
    const name = `gone at ${offset}`;
    const { access } = await newUser(server.url, name);
    const userId = await idOf(chit, name);
    const reading = stream(server.url, access, 200);
    let hasEnded = false;
    reading.ended.then(() => {
      hasEnded = true;
    });
    await until(() => reading.text.includes('word'));
    const isLetIn = async () => (await getWith(`${server.url}/api/tokens/`, access)).status === 200;
    // It is in the caches.
    assert.ok(await isLetIn());
    clock.set(offset);
    await setActive(chit, userId, false);
    await until(async () => hasEnded && !(await isLetIn()), SHUT_OUT_WITHIN_MS);
    assert.equal(endOf(reading.text).failure_code, 'stopped');
    await assertCharged(chit, userId, 1);
  }
}

async function crashUnderSteps(t: TestContext, library: string): Promise<void> {
  const site = await startSite(t, library);
  const { clock, chit } = site;
  let { server } = site;
  for (const offset of [MINUTE, MINUTE - HOUR]) {
    const name = `cut at ${offset}`;
    const { access } = await newUser(server.url, name);
    const userId = await idOf(chit, name);
    const reading = stream(server.url, access, 200);
    await until(() => reading.text.includes('word'));
    const [hold] = await chit.context.holds.openOf(userId);
    assert.ok(hold);
    await until(async () => (await chit.context.holds.journaled(hold.id)).text !== '');
    // It cannot renew its lease after the step.
    server.process.kill('SIGSTOP');
    clock.set(offset);
    await server.kill();
    server = await site.startAnother();
    const isEnded = async () => (await chit.context.holds.openCount()) === 0;
    const tookMs = await until(isEnded, RECOVERED_WITHIN_MS);
    t.diagnostic(`clock at ${offset} s: ended ${Math.round(tookMs)} ms after the start`);
    await assertCharged(chit, userId, 1);
  }
}

async function steps(t: TestContext): Promise<void> {
  const library = faketimeLibrary();
  if (!library) {
    t.diagnostic('not tested: needs libfaketime (Debian: apt-get install faketime)');
    return;
  }
  await t.test('under streams: no reply is lost, none is charged twice', (step) =>
    lossesUnderSteps(step, library),
  );
  await t.test('a disabled user is shut out within 2 s', (step) =>
    disabledUnderSteps(step, library),
  );
  await t.test('before a crash: holds end within a lease and 2 s', (step) =>
    crashUnderSteps(step, library),
  );
}

if (process.env.FAULTS === 'long') test('the clock of the machine steps', steps);
