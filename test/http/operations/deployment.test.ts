/** What staff see of the deployment has no passwords. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openChit, serverFor } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { createAccount } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { newFolder, runChit, SECRET_KEY } from '../../support/server.ts';

test('the password in the URL of a provider is shown to nobody', async (t) => {
  const folder = newFolder();
  const file = join(folder, 'chit.json');
  const baseUrl = 'http://ada:SEC@RET@127.0.0.1:9/v1?key=SECRET';
  const models = [{ name: 'far', provider: 'own', price: { perMessage: 10 } }];
  writeFileSync(file, JSON.stringify({ providers: { own: { wire: 'openai', baseUrl } }, models }));
  const settings = { CHIT_CONFIG: file, CHIT_DATABASE_URL: 'sqlite::memory:' };
  const common = { CHIT_SECRET_KEY: SECRET_KEY, CHIT_LOG_LEVEL: 'silent' };
  const { config } = loadConfig({ ...settings, ...common }, 'no such file');
  const chit = await openChit(config);
  const server = await serverFor(chit, config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close();
    await chit.close();
    rmSync(folder, { recursive: true });
  });
  const login = { username: 'root', password: 'a long passphrase' };
  await createAccount(chit.context, { ...login, isStaff: true, isSuperuser: true });
  const { json } = await postJson(`${url}/api/login/`, login);
  const { access } = json as { access: string };
  const shown = await getWith(`${url}/api/admin/models/`, access);
  const { providers } = shown.json as { providers: { base_url: string }[] };
  assert.equal(providers[0]?.base_url, 'http://(hidden)@127.0.0.1:9/v1?key=(hidden)');
  const answers = [shown, await postJson(`${url}/api/chat/`, { message: 'hello' }, access)];
  for (const { text } of answers) assert.doesNotMatch(text, /SEC|RET@/);
  for (const command of [
    ['models', 'list'],
    ['config', 'check'],
  ]) {
    const { code, stdout, stderr } = await runChit(folder, command, { settings });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /SEC|RET@/);
  }
});
