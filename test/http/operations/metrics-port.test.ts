/** Metrics on a port of their own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, getWith, send } from '../../support/http.ts';
import { startServerHere } from '../../support/server-here.ts';

const TOKEN = 'a-token-for-prometheus';

test('a port that another server still has is taken as soon as that is gone', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const settings = { CHIT_METRICS_PORT: String(port), CHIT_METRICS_TOKEN: TOKEN };
  const server = await startServerHere(settings);
  const url = `http://127.0.0.1:${port}/metrics`;
  other.close();
  await once(other, 'close');
  const shown = await untilAnswered(() => getWith(url, TOKEN));
  assert.equal(shown.status, 200);
  assert.match(String(shown.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(shown.text, /^chit_ready 1$/m);
  assert.equal((await send(url)).status, 401);
  assert.equal((await getWith(url.replace('metrics', 'healthz'), TOKEN)).status, 404);
  assert.equal((await getWith(`${server.url}/metrics`, TOKEN)).status, 404, 'only there');
  await server.stop();
  await assert.rejects(send(url), /ECONNREFUSED/);
});

test('nothing is shown, and nothing counted, unless it is asked for', async () => {
  const server = await startServerHere();
  const { status, text } = await send(`${server.url}/metrics`);
  assert.equal(status, 404);
  assert.doesNotMatch(text, /chit_/);
  await server.stop();
});

async function untilAnswered(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 1_500) throw error;
      await sleep(25);
    }
  }
}
