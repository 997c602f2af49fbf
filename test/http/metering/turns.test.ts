/** Requests whose credits are held by others that are running wait for their turn. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Model } from '../../../src/models/catalogue.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { responseBody } from '../../support/response-body.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const LIMIT = 64_000;
/** Pays one hold of 64,000 tokens of output at two credits, with its input, and a bit more. */
const OPENING = 2 * LIMIT + 10_000;
/** What each of the requests costs: 1,000 of input and 500 of output, at two credits. */
const COST = 2_000;
const USAGE = { prompt_tokens: 1_000, completion_tokens: 500, total_tokens: 1_500 };
const ANSWER = { choices: [{ index: 0, message: { content: 'Hello' } }], usage: USAGE };

type User = Awaited<ReturnType<ModelServer['newUser']>>;

/** A provider in this process whose answers wait until they are let go, one by one. */
function gatedModel() {
  const asked: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const arrivals: (() => void)[] = [];
  // Nothing here is to time out, however long another request is counted.
  const patient = { headersTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
  const provider = providerAt({ url: 'http://127.0.0.1:1' }, 'openai', patient);
  provider.post = async ({ body, signal }) => {
    const { messages } = JSON.parse(Buffer.concat(body).toString('utf8'));
    const gate = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => gate.reject(signal.reason), { once: true });
    asked.push(messages[0].content);
    gates.push(gate);
    for (const notify of arrivals.splice(0)) notify();
    await gate.promise;
    const bytes = Buffer.from(JSON.stringify(ANSWER));
    return {
      contentType: 'application/json',
      chunks: responseBody(
        (async function* () {
          yield bytes;
        })(),
      ),
    };
  };
  const model: Model = modelAt(provider, 'gpt', {
    contextTokens: undefined,
    outputTokens: undefined,
  });
  return {
    model,
    asked,
    /** Resolves once so many have been asked, those of before included. */
    untilAsked: async (count: number) => {
      while (asked.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
    },
    answer: (nth: number) => gates[nth]?.resolve(),
  };
}

async function start(
  t: TestContext,
  url: string,
  settings: Record<string, string> = {},
  gated = gatedModel(),
) {
  const given = {
    CHIT_DATABASE_URL: url,
    CHIT_SIGNUP_TOKENS: String(OPENING),
    ...settings,
  };
  const server = await startModelServer([gated.model], given, { areAnswersOdd: true });
  t.after(async () => {
    await server.close();
  });
  const { turns } = server.chit.context;
  const wait = turns.wait.bind(turns);
  let waiting = 0;
  const changes: (() => void)[] = [];
  const change = (by: number) => {
    waiting += by;
    for (const notify of changes.splice(0)) notify();
  };
  turns.wait = async (...args) => {
    const waited = wait(...args);
    change(1);
    return waited.finally(() => change(-1));
  };
  const untilWaiting = async (count: number) => {
    while (waiting !== count) await new Promise<void>((resolve) => changes.push(resolve));
  };
  const ask = ({ key }: User, content: string): Promise<Answer> =>
    postJson(`${server.url}/v1/chat/completions`, bodyOf(content), key);
  return { server, ...gated, untilWaiting, ask };
}

function bodyOf(content: string) {
  return { model: 'gpt', max_tokens: LIMIT, messages: [{ role: 'user', content }] };
}

onEachDatabase((at) => {
  test('two agents beside a main turn: all three are answered, in the order of arrival', async (t) => {
    const { server, ask, asked, answer, untilAsked, untilWaiting } = await start(t, at.url);
    const user = await server.newUser();
    const answers = [ask(user, 'main')];
    await untilAsked(1);
    answers.push(ask(user, 'title'));
    await untilWaiting(1);
    answers.push(ask(user, 'summary'));
    await untilWaiting(2);
    for (const nth of [0, 1, 2]) {
      await untilAsked(nth + 1);
      answer(nth);
    }
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.deepEqual(asked, ['main', 'title', 'summary']);
    assert.deepEqual(await server.balanceOf(user.userId), {
      postedCredits: OPENING - 3 * COST,
      heldCredits: 0,
    });
    assert.deepEqual(await faultsOf(server.chit), []);
  });

  test('beside one that never ends: 429 with Retry-After, and nothing is held or charged', async (t) => {
    const patience = { CHIT_TURN_WAIT_SECONDS: '1' };
    const { server, ask, asked, untilAsked } = await start(t, at.url, patience);
    const user = await server.newUser();
    const endless = ask(user, 'endless').catch(() => undefined);
    await untilAsked(1);
    const before = await server.balanceOf(user.userId);
    assert.ok(before.heldCredits > 2 * LIMIT);
    const refused = await ask(user, 'title');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['chit-error'], 'balance_in_use');
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    assert.match(refused.text, /other requests of this account are using/);
    assert.deepEqual(await server.balanceOf(user.userId), before);
    assert.deepEqual(asked, ['endless']);
    server.chit.context.generations.stopAllOf(user.userId, 'stopped');
    await endless;
    assert.deepEqual(await server.balanceOf(user.userId), {
      postedCredits: OPENING,
      heldCredits: 0,
    });
  });

  test('a client that leaves while it waits frees its place, and pays nothing', async (t) => {
    const { server, ask, asked, answer, untilAsked, untilWaiting } = await start(t, at.url);
    const user = await server.newUser();
    const main = ask(user, 'main');
    await untilAsked(1);
    const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
    const leaving = request(`${server.url}/v1/chat/completions`, { method: 'POST', headers });
    leaving.end(JSON.stringify(bodyOf('left')));
    const closed = once(leaving, 'close').catch(() => undefined);
    await untilWaiting(1);
    const last = ask(user, 'last');
    await untilWaiting(2);
    leaving.destroy();
    await closed;
    // The provider has not answered: it is not the end of the other request that frees the place.
    await untilWaiting(1);
    answer(0);
    await untilAsked(2);
    answer(1);
    assert.deepEqual([(await main).status, (await last).status], [200, 200]);
    assert.deepEqual(asked, ['main', 'last']);
    assert.deepEqual(await server.balanceOf(user.userId), {
      postedCredits: OPENING - 2 * COST,
      heldCredits: 0,
    });
  });

  test('the budget of a key is waited for as well, and holds up no other key', async (t) => {
    const more = { CHIT_SIGNUP_TOKENS: String(10 * OPENING) };
    const { server, ask, asked, answer, untilAsked, untilWaiting } = await start(t, at.url, more);
    const user = await server.newUser({ budgetCredits: OPENING });
    const { json } = await postJson(`${server.url}/api/keys/`, { name: 'other' }, user.access);
    const { key } = json as { key: string };
    const answers = [ask(user, 'main')];
    await untilAsked(1);
    answers.push(ask(user, 'title'));
    await untilWaiting(1);
    answers.push(ask({ ...user, key }, 'of another key'));
    await untilAsked(2);
    answer(1);
    answer(0);
    await untilAsked(3);
    answer(2);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.deepEqual(asked, ['main', 'of another key', 'title']);
    assert.deepEqual(await server.balanceOf(user.userId), {
      postedCredits: 10 * OPENING - 3 * COST,
      heldCredits: 0,
    });
  });

  test('what cannot be paid for whoever ends is refused at once', async (t) => {
    const { server, ask, asked, answer, untilAsked } = await start(t, at.url);
    const user = await server.newUser();
    const main = ask(user, 'main');
    await untilAsked(1);
    const refused = await ask(user, 'word '.repeat(40_000));
    assert.equal(refused.status, 402);
    answer(0);
    assert.equal((await main).status, 200);
    assert.deepEqual(asked, ['main']);
  });

  if (at.name === 'PostgreSQL') {
    test('a request on another server has its turn when the first one has ended', async (t) => {
      const gated = gatedModel();
      const first = await start(t, at.url, {}, gated);
      const second = await start(t, at.url, {}, gated);
      const user = await first.server.newUser();
      const main = first.ask(user, 'main');
      await gated.untilAsked(1);
      const title = second.ask(user, 'title');
      await second.untilWaiting(1);
      gated.answer(0);
      await gated.untilAsked(2);
      gated.answer(1);
      assert.deepEqual([(await main).status, (await title).status], [200, 200]);
      assert.deepEqual(await second.server.balanceOf(user.userId), {
        postedCredits: OPENING - 2 * COST,
        heldCredits: 0,
      });
    });
  }
});
