/** Long bodies that come at once are parsed one by one, and others have their turns in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerBodyParsers } from '../../../src/http/framework/bodies.ts';
import { InTurns } from '../../../src/http/framework/in-turns.ts';

const LONG = JSON.stringify({ text: 'x'.repeat(100_000) });
const JSON_TYPE = { 'content-type': 'application/json' };

/** Counts turns of the event loop until it is stopped. */
class TurnCounter {
  turn = 0;
  #isOver = false;

  constructor() {
    void this.#count();
  }

  stop(): void {
    this.#isOver = true;
  }

  async #count(): Promise<void> {
    while (!this.#isOver) {
      await nextTurn();
      this.turn += 1;
    }
  }
}

test('between two pieces of work the event loop has a turn', async (t) => {
  const counter = new TurnCounter();
  t.after(() => counter.stop());
  const turns = new InTurns();
  const seen = await Promise.all([1, 2, 3].map((it) => turns.do(() => [it, counter.turn])));
  assert.deepEqual(
    seen.map(([it]) => it),
    [1, 2, 3],
  );
  assert.equal(new Set(seen.map(([, turn]) => turn)).size, 3);
});

test('work that fails does not hold up what comes after it', async () => {
  const turns = new InTurns();
  const failing = turns.do(() => {
    throw new Error('It failed.');
  });
  const next = turns.do(() => 'done');
  await assert.rejects(failing, /It failed/);
  assert.equal(await next, 'done');
});

async function newServer(): Promise<FastifyInstance> {
  const app = Fastify();
  registerBodyParsers(app);
  app.post('/', async ({ body }) => Object.keys(body as object));
  await app.ready();
  return app;
}

test('long bodies are parsed in different turns, short ones at once', async (t) => {
  const app = await newServer();
  t.after(() => app.close());
  const counter = new TurnCounter();
  t.after(() => counter.stop());
  const parse = JSON.parse;
  const ofLong: number[] = [];
  t.mock.method(JSON, 'parse', (text: string) => {
    if (text.length === LONG.length) ofLong.push(counter.turn);
    return parse(text) as unknown;
  });
  const post = (payload: string) =>
    app.inject({ method: 'POST', url: '/', headers: JSON_TYPE, payload });
  const long = Promise.all([1, 2, 3, 4].map(() => post(LONG)));
  const short = await post('{"a":1}');
  const parsedBeforeShort = ofLong.length;
  assert.deepEqual(short.json(), ['a']);
  for (const response of await long) assert.deepEqual(response.json(), ['text']);
  assert.equal(new Set(ofLong).size, 4);
  assert.ok(parsedBeforeShort < 4, 'The short body waited for all of the long ones.');
});

test('a long body that is malformed is refused as a short one is', async (t) => {
  const app = await newServer();
  t.after(() => app.close());
  for (const payload of ['{"a":', `${LONG.slice(0, -1)},`]) {
    const refused = await app.inject({ method: 'POST', url: '/', headers: JSON_TYPE, payload });
    assert.equal(refused.statusCode, 400, payload.slice(0, 10));
  }
});
