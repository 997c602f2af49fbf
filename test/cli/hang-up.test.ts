/** SIGHUP has a running server read `chit.json` again. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGatedProvider } from '../support/gated-provider.ts';
import { postJson } from '../support/http.ts';
import { newFolder, newUser, startServerFor } from '../support/server.ts';

test('a price changes for the next request, a model goes, and a broken file changes nothing', async (t) => {
  const provider = await startGatedProvider();
  t.after(() => provider.close());
  const folder = newFolder();
  const write = (text: string) => writeFileSync(join(folder, 'chit.json'), text);
  const withModels = (models: object) =>
    JSON.stringify({
      providers: { p: { wire: 'openai', baseUrl: `${provider.url}/v1` } },
      models: Object.entries(models).map(([name, perMessage]) => ({
        name,
        provider: 'p',
        price: { perMessage },
      })),
    });
  write(withModels({ small: 10, old: 50 }));
  const server = await startServerFor(t, {}, folder);
  const { access } = await newUser(server.url, 'ada');
  const chat = async (model: string) => {
    const body = { message: 'Hi', model, stream: true };
    const { status, text } = await postJson(`${server.url}/api/chat/`, body, access);
    return status === 200 ? Number(/"cost":(\d+)/.exec(text)?.[1]) : status;
  };
  /** Sends the signal and waits for so many lines of the log. */
  const hangUp = async (line: string, count: number) => {
    server.process.kill('SIGHUP');
    while (server.output().split(line).length <= count) await sleep(5);
  };

  provider.shut();
  const running = chat('small');
  await provider.waiting(1);
  write(withModels({ small: 30 }));
  await hangUp('chit.json was read again', 1);
  assert.match(server.output(), /"member":"models\.small\.price\.perMessage"/);
  provider.open();
  assert.equal(await running, 10);
  assert.equal(await chat('small'), 30);
  assert.equal(await chat('old'), 404);

  write('{ "models": }');
  await hangUp('chit.json has faults', 1);
  assert.match(server.output(), /chit\.json:1:13: a value is missing here\./);
  assert.equal(await chat('small'), 30);

  write(withModels({ small: 40 }));
  await hangUp('chit.json was read again', 2);
  assert.equal(await chat('small'), 40);
});
