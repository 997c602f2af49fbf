/** A server with two keys, one of which is refused: users notice nothing, the operator does. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { postJson } from '../support/http.ts';
import { startProviderEmulator } from '../support/providers/emulator.ts';
import { newFolder, newUser, startServerFor } from '../support/server.ts';

test('the key that is refused rests, which is an error in the log that names no key', async (t) => {
  const emulator = await startProviderEmulator({ key: 'sk-right' });
  t.after(() => emulator.close());
  const folder = newFolder();
  const deployment = {
    providers: {
      p: {
        wire: 'openai',
        baseUrl: `${emulator.url}/v1`,
        endpoints: [
          { apiKeyEnv: 'WRONG_KEY', weight: 1e9 },
          { apiKeyEnv: 'RIGHT_KEY', weight: 1e-9 },
        ],
      },
    },
    models: [{ name: 'small', provider: 'p', price: { perMessage: 10 } }],
  };
  writeFileSync(join(folder, 'chit.json'), JSON.stringify(deployment));
  const keys = { WRONG_KEY: 'sk-wrong', RIGHT_KEY: 'sk-right' };
  const server = await startServerFor(t, keys, folder);
  const { access } = await newUser(server.url, 'ada');
  for (let messages = 0; messages < 2; messages += 1) {
    const answer = await postJson(`${server.url}/api/chat/`, { message: 'Hi' }, access);
    assert.equal(answer.status, 200);
  }
  assert.deepEqual(
    emulator.requests.map(({ headers }) => headers.authorization),
    ['Bearer sk-wrong', 'Bearer sk-right', 'Bearer sk-right'],
  );
  const lines = server.output().split('\n');
  const [line, ...more] = lines.filter((it) => it.includes('the operator has to act'));
  assert.deepEqual(more, []);
  const logged = JSON.parse(line ?? '{}') as Record<string, unknown>;
  const { level, provider, endpoint, reason, status } = logged;
  assert.deepEqual([level, provider, endpoint, reason, status], [50, 'p', 1, 'account', 401]);
  assert.doesNotMatch(server.output(), /sk-(wrong|right)/);
});
