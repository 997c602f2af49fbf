/** A server is stopped for longer than its lease, another one ends its holds, and it returns. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recoverHolds } from '../../src/app/metering/recover-holds.ts';
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { postJson } from '../support/http.ts';
import { startProviderEmulator } from '../support/providers/emulator.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServerFor } from '../support/server.ts';

const ROUNDS = process.env.FAULTS === 'long' ? 10 : 1;
/** Long enough for a busy machine, on which a server may get no time for a second. */
const LEASE = { CHIT_LEASE_SECONDS: '2' };
/** Longer than the server is stopped, so that no reply is whole before. */
const SLOW = { words: 300, chunkDelayMs: 100 };
/** It may be stopped between reading pieces and passing them on; many more come meanwhile. */
const IN_HAND = 5;
const MESSAGES = [{ role: 'user', content: 'Hello?' }];

interface Reading {
  readonly name: string;
  status: number;
  headers: Record<string, unknown>;
  text: string;
  readonly ended: Promise<void>;
}

/** Sends a request and collects its response as it comes. */
function read(name: string, url: string, token: string, body?: object): Reading {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reading: Reading = { name, status: 0, headers: {}, text: '', ended: promise };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const method = body ? 'POST' : 'GET';
  const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
    reading.status = incoming.statusCode ?? 0;
    reading.headers = incoming.headers;
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => {
      reading.text += text;
    });
    incoming.on('close', resolve);
  });
  outgoing.on('error', () => resolve());
  outgoing.end(body && JSON.stringify(body));
  return reading;
}

/** What was read, once nothing more comes: its last bytes may still be on their way. */
async function lastWordsOf(readings: readonly Reading[]): Promise<Map<Reading, string>> {
  const lengths = () => readings.reduce((sum, { text }) => sum + text.length, 0);
  for (let before = -1; before !== lengths(); ) {
    before = lengths();
    await sleep(300);
  }
  return new Map(readings.map((it) => [it, it.text]));
}

/** The text of a reply, as its events told it. */
function textOf(events: string): string {
  const deltas = events.matchAll(/^event: delta\ndata: (.*)$/gm);
  return Array.from(deltas, ([, data]) => JSON.parse(data ?? '').text as string).join('');
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + 60_000; !(await isSo()); ) {
    assert.ok(performance.now() < endMs, 'it took too long');
    await sleep(20);
  }
}

/** Requests of every kind, all of them running. */
async function startAll(url: string, access: string, key: string) {
  const conversation = await postJson(`${url}/api/conversations/`, {}, access);
  const { id } = conversation.json as { id: string };
  const path = `${url}/api/conversations/${id}/messages/`;
  const sent = await postJson(path, { message: 'in the background' }, access);
  const message = (sent.json as { id: string }).id;
  const gpt = { model: 'gpt', max_tokens: 400 };
  const streams = [
    read('chat', `${url}/api/chat/`, access, { message: 'chat', stream: true }),
    read('completions', `${url}/v1/chat/completions`, key, {
      ...gpt,
      messages: MESSAGES,
      stream: true,
    }),
    read('responses', `${url}/v1/responses`, key, { model: 'gpt', input: 'Hello?', stream: true }),
    read('messages', `${url}/v1/messages`, key, {
      model: 'claude',
      max_tokens: 400,
      messages: MESSAGES,
      stream: true,
    }),
  ];
  const follower = read('follower', `${url}/api/messages/${message}/stream/`, access);
  const whole = [
    read('chat, whole', `${url}/api/chat/`, access, { message: 'whole' }),
    read('completions, whole', `${url}/v1/chat/completions`, key, { ...gpt, messages: MESSAGES }),
    read('messages, whole', `${url}/v1/messages`, key, {
      model: 'claude',
      max_tokens: 400,
      messages: MESSAGES,
    }),
  ];
  return { message, streams, follower, whole };
}

/** What was charged to a user, the newest first. */
async function chargesOf({ context }: Chit, userId: number) {
  const page = { beforeNumber: undefined, limit: 100 };
  const lines = await context.transfers.statement(userId, page);
  return lines.filter(({ kind }) => kind === 'charge').map(({ credits }) => 0 - credits);
}

onEachDatabase((at) => {
  test(`${ROUNDS} times: what another server ended is told as ended, and nothing more comes`, async (t) => {
    const emulator = await startProviderEmulator();
    t.after(() => emulator.close());
    const folder = newFolder();
    writeFileSync(join(folder, 'chit.json'), JSON.stringify(deployment(emulator.url)));
    const settings = { ...LEASE, CHIT_DATABASE_URL: at.url, CHIT_SIGNUP_TOKENS: '1000000' };
    const server = await startServerFor(t, settings, folder);
    const other = await openTestChit(at.url, scriptedModel(flatPrice(1)));
    t.after(() => other.close());
    const child = server.process;

    for (let round = 1; round <= ROUNDS; round += 1) {
      emulator.reset();
      // A whole answer comes in one piece, after the stop.
      emulator.behave(({ json }) =>
        (json as { stream?: boolean }).stream ? SLOW : { words: 50, headDelayMs: 30_000 },
      );
      const { access } = await newUser(server.url, `reader ${round}`);
      const made = await postJson(`${server.url}/api/keys/`, { name: 'k' }, access);
      const { key } = made.json as { key: string };
      const { message, streams, follower, whole } = await startAll(server.url, access, key);
      const users = await other.context.users.byUsername(`reader ${round}`);
      const userId = users?.id ?? 0;
      await until(() => emulator.requests.length === 8);
      await until(() => [...streams, follower].every(({ text }) => text.length > 200));
      // So that some of it is journaled.
      await sleep(600);

      child.kill('SIGSTOP');
      const before = await lastWordsOf([...streams, follower]);
      await until(async () => {
        await recoverHolds(other.context);
        return (await other.context.ledger.account(userId))?.heldCredits === 0;
      });
      const booked = await chargesOf(other, userId);
      child.kill('SIGCONT');
      await Promise.all([...streams, follower, ...whole].map(({ ended }) => ended));

      assert.deepEqual(await chargesOf(other, userId), booked, 'nothing was booked by the zombie');
      assert.ok(booked.length > 0);
      for (const it of streams) {
        const more = it.text.slice(before.get(it)?.length);
        assert.match(more, /error/, `${it.name} was told nothing: ${more}`);
        assert.match(more, /interrupted/, `${it.name} was told something else: ${more}`);
        assert.doesNotMatch(it.text, /\[DONE\]|message_stop|response\.completed|event: done/);
        const pieces = more.match(/^data: /gm)?.length ?? 0;
        assert.ok(pieces <= 1 + IN_HAND, `${it.name} was given more: ${more}`);
      }
      const [chat] = streams;
      const params = /"params":\{"charged":(\d+)\}/.exec(chat?.text ?? '');
      assert.ok(booked.includes(Number(params?.[1])), `${params?.[1]} of ${booked}`);
      for (const it of whole) {
        assert.equal(it.status, 503, `${it.name}: ${it.text}`);
        assert.equal(it.headers['chit-error'], 'server_lost');
        const { charged } = JSON.parse(String(it.headers['chit-error-params']));
        const isBooked = charged === 0 || booked.includes(charged);
        assert.ok(isBooked, `${it.name}: ${charged} of ${booked}`);
      }
      const stored = await other.context.messages.find(userId, message);
      assert.equal(stored?.status, 'incomplete');
      const told = follower.text.slice(before.get(follower)?.length);
      // What it had in hand was booked by the other server; nothing beyond that is told.
      const reply = stored?.reply ?? '';
      assert.ok(reply.startsWith(textOf(follower.text)), `${follower.text} for ${reply}`);
      assert.match(told, /event: done\n.*"status":"incomplete".*"failure_code":"server_lost"/);
      assert.match(told, new RegExp(`"cost":${stored?.chargedCredits}\\b`));
    }
    assert.deepEqual(await faultsOf(other), []);
    // It has its lease again, and goes on.
    emulator.behave({ words: 3 });
    const { access } = await newUser(server.url, 'afterwards');
    const answer = await postJson(`${server.url}/api/chat/`, { message: 'hello' }, access);
    assert.equal(answer.status, 200, answer.text);
  });
});

function deployment(url: string): object {
  const price = { perMillionInput: 1_000_000, perMillionOutput: 2_000_000 };
  const model = { upstream: 'emulated-small', price, outputTokens: 400 };
  return {
    providers: {
      openai: { wire: 'openai', baseUrl: `${url}/v1` },
      anthropic: { wire: 'anthropic', baseUrl: url },
    },
    models: [
      { name: 'gpt', provider: 'openai', ...model },
      { name: 'claude', provider: 'anthropic', ...model },
    ],
    defaultModel: 'gpt',
  };
}
