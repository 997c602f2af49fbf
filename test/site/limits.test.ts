/** The commands and requests of docs/limits.md work, in the order of the page. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDeployment } from '../../src/models/deployment-file/read-deployment.ts';
import { assertDone } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { codeBlocks, curl, documentText, shellLines, wordsOf } from '../support/documents.ts';
import { postJson, send } from '../support/http.ts';
import { newFolder, newUser, runChit, startServerFor } from '../support/server.ts';

const PAGE = documentText('docs/limits.md');
const MODEL = { name: 'small', provider: 'built-in', price: { perMessage: 1 } };

test('each command and each request works', async (context) => {
  const folder = newFolder();
  writeFileSync(join(folder, 'chit.json'), JSON.stringify({ models: [MODEL] }));
  const server = await startServerFor(context, {}, folder);
  const people = new Map<string, string>();
  for (const name of ['ada', 'grace']) people.set(name, (await newUser(server.url, name)).access);
  const root = ['createsuperuser', '--username', 'root'];
  assertDone(await runChit(folder, root, { input: 'Pa55word!x\n' }));
  const login = { username: 'root', password: 'Pa55word!x' };
  const { access } = (await postJson(`${server.url}/api/login/`, login)).json as { access: string };
  let group = '';
  let commands = 0;
  for (const line of shellLines(PAGE)) {
    commands += 1;
    if (!line.startsWith('curl ')) {
      const done = assertDone(await runCommand(folder, wordsOf(line).slice(1)));
      group = /"Class 7b" was created; its id is (\S+)\./.exec(done)?.[1] ?? group;
      continue;
    }
    const who = line.includes('/admin/') ? access : (people.get('ada') ?? '');
    const { status, text } = await curl(
      line.replace('GROUP', group).replace('ACCESS', who),
      server.url,
    );
    assert.ok(status < 300, `${line}\n${text}`);
  }
  assert.ok(commands > 15);
  // What an example of the page leaves out is said in words.
  const inWords = [...PAGE.matchAll(/`PUT (\S+)` and\n?`(\{[^`]*\})`/g)];
  assert.equal(inWords.length, 1);
  for (const [, path = '', body = ''] of inWords) {
    const shown = assertDone(await runCommand(folder, ['users', 'show', 'ada']));
    const url = server.url + path.replace('ID', /^id: (\d+)/.exec(shown)?.[1] ?? '');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${access}` };
    const { status, text } = await send(url, { method: 'PUT', headers, body });
    assert.equal(status, 200, text);
  }
});

test('the limits of chit.json are valid', () => {
  const [block = ''] = codeBlocks(PAGE, 'jsonc');
  const text = `{ "models": [${JSON.stringify(MODEL)}], ${block} }`;
  const { limits } = readDeployment(text, { file: 'chit.json', environment: {} });
  assert.deepEqual(limits?.account, { requestsPerMinute: 60, concurrentGenerations: 4 });
});
