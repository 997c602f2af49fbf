/** 10,000 random requests to every endpoint: none causes a server error. */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { query, stored } from '../../support/database.ts';
import { type FuzzedRequest, fuzzedRequest } from '../../support/fuzz.ts';
import { getWith, send } from '../../support/http.ts';
import { type Endpoint, endpointsOf } from '../../support/openapi.ts';
import { newUser, runChit, startServer, type TestServer } from '../../support/server.ts';

const REQUESTS = 10_000;
const CONNECTIONS = 16;
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_123);
const OPENING_TOKENS = 1_000_000_000;
const PRICE = 100;

interface Outcome {
  readonly status: number;
  readonly text: string;
}

let server: TestServer;
let alice: { access: string; refresh: string };
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

before(async () => {
  server = await startServer({
    CHIT_SIGNUP_TOKENS: String(OPENING_TOKENS),
    CHIT_MESSAGE_PRICE: String(PRICE),
    CHIT_SIGNUPS_PER_HOUR: '0',
    CHIT_LOG_LEVEL: 'error',
  });
  alice = await newUser(server.url, 'alice');
});
after(() => {
  agent.destroy();
  return server.stop();
});

function sendFuzzed({ method, path }: Endpoint, fuzzed: FuzzedRequest): Promise<Outcome> {
  const headers = { ...fuzzed.headers, 'content-length': String(fuzzed.body.length) };
  const { contentType } = fuzzed;
  const all = contentType === undefined ? headers : { ...headers, 'content-type': contentType };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${server.url}${path}`,
      { method, agent, headers: all },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(fuzzed.body);
  });
}

test(`${REQUESTS} random requests get no 5xx, and the ledger is right (seed ${SEED})`, async (t) => {
  const targets = await endpointsOf(server.url);
  assert.ok(targets.length >= 11, 'the OpenAPI document names the endpoints');
  const requests = fc.sample(fuzzedRequest(alice.access, [alice.refresh]), {
    numRuns: REQUESTS,
    seed: SEED,
  });
  const seen = new Map<string, number>();
  let next = 0;
  const worker = async () => {
    while (next < requests.length) {
      const target = targets[next % targets.length] as Endpoint;
      const fuzzed = requests[next] as FuzzedRequest;
      next += 1;
      const { status, text } = await sendFuzzed(target, fuzzed);
      const what = `${target.method} ${target.path} ${describe(fuzzed)} => ${status} ${text}`;
      assert.ok(status >= 200 && status < 500, what);
      if (status !== 204) assert.equal(typeof JSON.parse(text), 'object', what);
      const key = `${target.path} ${status}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  t.diagnostic(
    [...seen]
      .sort()
      .map(([key, count]) => `${key}: ${count}`)
      .join(', '),
  );

  const chats = seen.get('/api/chat/ 200') ?? 0;
  assert.ok(chats > 10, `only ${chats} requests reached the model`);
  assert.ok(seen.has('/api/chat/ 400') && seen.has('/api/chat/ 401'), 'others were refused');
  const { messages, users, posted, held } = await stored(server.folder);
  assert.equal(messages, chats);
  assert.equal(users, 1 + (seen.get('/api/register/ 201') ?? 0));
  assert.equal(posted, Number(users) * OPENING_TOKENS - chats * PRICE);
  assert.equal(held, 0);
});

test('afterwards the server responds, has logged no error, and its ledger verifies', async () => {
  assert.equal((await send(`${server.url}/readyz`)).status, 200);
  const { tokens } = (await getWith(`${server.url}/api/tokens/`, alice.access)).json as {
    tokens: number;
  };
  const [own] = await query(server.folder, 'SELECT count(*) AS messages FROM messages');
  assert.equal(tokens, OPENING_TOKENS - Number(own?.messages) * PRICE);
  assert.doesNotMatch(server.output(), /"level":(50|60)/);
  const verified = await runChit(server.folder, ['ledger', 'verify']);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

function describe({ contentType, headers, body }: FuzzedRequest): string {
  return JSON.stringify({ contentType, headers, body: body.toString('latin1') });
}
