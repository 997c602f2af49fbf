/** An overloaded server refuses requests at once, so that those it takes are answered in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { registerBodyParsers } from '../../../src/http/framework/bodies.ts';
import { replyWithError } from '../../../src/http/framework/errors.ts';
import { LoadGauge, registerLoadShedding } from '../../../src/http/framework/load-shedding.ts';

/** A gauge with a clock of the test's own, and requests that it counts. */
function gaugeAt() {
  let nowMs = 1_000;
  const gauge = new LoadGauge(() => nowMs);
  return {
    gauge,
    /** The loop is busy for so long, and then the timer runs. */
    turn: (ms: number) => {
      nowMs += ms;
      gauge.tick();
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a loop that is late turn after turn is overloaded, until it is in time again', () => {
  const { gauge, turn } = gaugeAt();
  turn(100);
  assert.equal(gauge.isOverloaded(5_000), false);
  turn(450);
  assert.equal(gauge.isOverloaded(5_000), false, 'a single late turn is no overload');
  turn(450);
  turn(450);
  assert.equal(gauge.isOverloaded(5_000), true);
  turn(100);
  turn(100);
  assert.equal(gauge.isOverloaded(5_000), false);
});

test('within a turn that takes too long, the rest is refused', () => {
  const { gauge, turn, pass } = gaugeAt();
  turn(100);
  pass(500);
  assert.equal(gauge.isOverloaded(5_000), false);
  pass(1);
  assert.equal(gauge.isOverloaded(5_000), true);
});

test('a few requests are never refused, however slow the machine is', () => {
  const { gauge, turn, pass } = gaugeAt();
  for (let turns = 0; turns < 10; turns += 1) turn(5_000);
  pass(5_000);
  assert.equal(gauge.isOverloaded(199), false);
});

test('refusals come before the user is looked up and the body read; pages are served', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  let isOverloaded = true;
  let lookedUp = 0;
  let parsed = 0;
  const gauge = { isOverloaded: () => isOverloaded, tick: () => undefined } as unknown as LoadGauge;
  app.setErrorHandler(replyWithError);
  app.decorate('counts', { streams: 0, shed: 0 });
  registerLoadShedding(app, () => 5_000, gauge);
  registerBodyParsers(app);
  app.addHook('onRequest', async () => {
    lookedUp += 1;
  });
  app.addHook('preValidation', async () => {
    parsed += 1;
  });
  for (const url of ['/api/login/', '/v1/chat/completions', '/healthz', '/readyz', '/', '/c/1']) {
    app.route({ method: ['GET', 'POST'], url, handler: async () => ({}) });
  }
  for (const url of ['/api/login/', '/v1/chat/completions']) {
    const answer = await app.inject({ method: 'POST', url, payload: { a: 1 } });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['chit-error'], 'server_busy');
    assert.equal(answer.headers['retry-after'], '2');
    assert.equal(lookedUp + parsed, 0);
  }
  for (const url of ['/healthz', '/readyz', '/', '/c/1']) {
    assert.equal((await app.inject(url)).statusCode, 200);
  }
  isOverloaded = false;
  assert.equal((await app.inject('/api/login/')).statusCode, 200);
});
