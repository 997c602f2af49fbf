/** Models on the command line: listed, checked and discovered. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readDeployment } from '../../src/models/deployment-file/read-deployment.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { newFolder, startServerFor } from '../support/server.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, 'models.json');
  writeFileSync(path, text);
  return path;
}

test('without a file the built-in model is offered, and the demo if enabled', async () => {
  const list = (env: Record<string, string>) =>
    runCommand(folder, ['models', 'list'], { settings: env });
  const lines = assertDone(await list({}))
    .trim()
    .split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', /^dummy +yes +built-in +100 /);
  assert.match(assertDone(await list({ CHIT_DEMO_MODEL: '1' })), /^demo /m);
});

test('a default model that is not for text is warned of, at the check and at the start', async (t) => {
  const models = '[{ "name": "painter", "provider": "demo", "price": { "perImage": 7 } }]';
  const warning =
    /"painter" is the default model, but its price is not for text, .* "defaultModel"/;
  const env = { CHIT_CONFIG: fileWith(`{ "models": ${models} }`) };
  const check = assertDone(await runCommand(folder, ['config', 'check'], { settings: env }));
  assert.match(check, new RegExp(`Warning: ${warning.source}`));
  assert.match(check, /Everything is valid/);
  const ofServer = newFolder();
  writeFileSync(join(ofServer, 'chit.json'), `{ "models": ${models} }`);
  const server = await startServerFor(t, {}, ofServer);
  // The log is written a moment later than the welcome.
  await server.stop();
  const line = server
    .output()
    .split('\n')
    .find((it) => it.includes('is the default model'));
  const { level, msg } = JSON.parse(line ?? '{}') as { level?: number; msg?: string };
  assert.equal(level, 40);
  assert.match(msg ?? '', warning);
});

test('a valid file is shown; an invalid one stops every command with its errors', async () => {
  const price = '"price": { "perMessage": 7 }';
  const models = `"models": [{ "name": "mine", "provider": "demo", ${price} }]`;
  const good = fileWith(`{ ${models}, "aliases": { "gpt-4o": "mine" } }`);
  const check = ['config', 'check'];
  const env = { CHIT_CONFIG: good };
  assert.match(
    assertDone(await runCommand(folder, check, { settings: env })),
    /^mine .*\ngpt-4o is an alias of mine\nEverything is valid\.\n$/m,
  );
  const bad = fileWith('{ "models": [{ "name": "mine", "provider": "demo" }] }');
  const commands = [
    [1, check],
    [2, ['serve']],
    [2, ['users', 'list']],
  ] as const;
  for (const [code, args] of commands) {
    const outcome = await runCommand(folder, args, { settings: { CHIT_CONFIG: bad } });
    assertFailed(outcome, code, /models\.json:1:14: models\[0\]: "price" is missing\.\n$/);
  }
});

test('a file that is not UTF-8 is named as that', async () => {
  const path = join(folder, 'utf16.json');
  writeFileSync(path, Buffer.from('\uFEFF{}', 'utf16le'));
  assertFailed(
    await runCommand(folder, ['config', 'check'], { settings: { CHIT_CONFIG: path } }),
    1,
    /utf16\.json:1:1: the file is not UTF-8 text\. Save it as UTF-8\.\n$/,
  );
});

test('a configured file that does not exist prevents the start', async () => {
  const env = { CHIT_CONFIG: join(folder, 'none.json') };
  assertFailed(
    await runCommand(folder, ['config', 'check'], { settings: env }),
    1,
    /none\.json .*cannot be read/,
  );
});

test('a local Ollama is discovered; nothing is written without being asked for', async (t) => {
  const models = [{ name: 'llama3.2:latest' }, { name: 'qwen3' }];
  const ollama = createServer((request, response) => {
    assert.equal(request.url, '/api/tags');
    response.end(JSON.stringify({ models }));
  });
  t.after(() => ollama.close());
  await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve));
  const { port } = ollama.address() as AddressInfo;
  const env = { OLLAMA_HOST: `0.0.0.0:${port}` };
  const shown = assertDone(await runCommand(folder, ['models', 'discover'], { settings: env }));
  const found = readDeployment(shown, { file: 'shown', environment: {} });
  assert.deepEqual(
    found.models.map(({ name }) => name),
    ['llama3.2:latest', 'qwen3'],
  );
  assert.equal(found.providers[0]?.baseUrl, `http://127.0.0.1:${port}/v1`);
  assert.ok(!existsSync(join(folder, 'chit.json')));
  const path = join(folder, 'found.json');
  const write = ['models', 'discover', '--write', path];
  assertDone(await runCommand(folder, write, { settings: env }));
  assert.equal(readFileSync(path, 'utf8'), shown);
  assertFailed(
    await runCommand(folder, write, { settings: env }),
    1,
    /already exists; nothing was written/,
  );
  await new Promise((resolve) => ollama.close(resolve));
  assertFailed(
    await runCommand(folder, ['models', 'discover'], { settings: env }),
    1,
    /No Ollama server answers/,
  );
});
