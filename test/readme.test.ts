/** What the README shows is what happens. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { SETTINGS } from '../src/config.ts';
import { readDeployment } from '../src/models/read-deployment.ts';
import { addDjangoUser, djangoHash, newDjangoDatabase } from './support/django.ts';
import { send } from './support/http.ts';
import { runChit, startServer, type TestServer } from './support/server.ts';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const README_URL = 'http://127.0.0.1:8000';

/** Code blocks with their language, in order. */
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, text]) => ({
  language,
  text: (text ?? '').replace(/\\\n\s*/g, '').trim(),
}));
const shell = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap((it) => it.text.split('\n'));

let server: TestServer;
before(async () => {
  server = await startServer();
  const django = newDjangoDatabase(join(server.folder, 'db.sqlite3'));
  const password = djangoHash('a passphrase');
  addDjangoUser(django, { id: 1, username: 'grace', password, tokens: 300 });
  django.close();
});
after(() => server.stop());

test('every curl call of the README gives the answer that stands below it', async () => {
  let access = '';
  let calls = 0;
  for (const [index, { text }] of blocks.entries()) {
    if (!text.startsWith('curl ')) continue;
    calls += 1;
    const answer = await curl(text.replace('ACCESS', access));
    const shown = JSON.parse(blocks[index + 1]?.text ?? '') as Record<string, unknown>;
    const actual = answer.json as Record<string, unknown>;
    assert.deepEqual(Object.keys(actual), Object.keys(shown));
    for (const [key, value] of Object.entries(shown)) {
      if (!/^<\w+>$/.test(String(value))) assert.deepEqual(actual[key], value);
    }
    if (typeof actual.access === 'string') access = actual.access;
  }
  assert.equal(calls, 5);
});

test('every file of models in the README is one that can be read', () => {
  const files = blocks.filter(({ language }) => language === 'jsonc');
  assert.equal(files.length, 3);
  const environment = { OPENAI_API_KEY: 'x', ANTHROPIC_API_KEY: 'x' };
  for (const { text } of files) {
    assert.ok(text.split('\n').length < 10);
    assert.equal(readDeployment(text, { file: 'chit.json', environment }).models.length, 1);
  }
});

test('every chit command of the README works', async () => {
  const commands = shell.filter((line) => line.startsWith('npm run -s chit -- '));
  assert.ok(commands.length > 0);
  for (const command of commands) {
    const args = words(command.replace('npm run -s chit -- ', ''));
    const name = args[0] === 'createsuperuser' ? ['--username', 'root'] : [];
    const outcome = await runChit(server.folder, [...args, ...name], { input: 'a passphrase\n' });
    assert.equal(outcome.code, 0, `${command}\n${outcome.stderr}`);
  }
});

test('the other commands of the README are scripts of this package', () => {
  const others = shell.filter((line) => !/^(curl |npm run -s chit )/.test(line));
  assert.deepEqual(others, ['npm ci && npm start', 'npm ci && npm test']);
  assert.match(packageJson.scripts.start, /^node (--\S+ )*bin\/chit\.js serve$/);
  for (const [, script] of readme.matchAll(/`npm run ([\w:]+)`/g)) {
    assert.ok(String(script) in packageJson.scripts, script ?? '');
  }
});

test('the table of settings is the one that config.ts gives', () => {
  const shown = /<!-- settings -->\n(.*?)<!-- \/settings -->/s.exec(readme)?.[1];
  const rows = Object.values(SETTINGS).map(({ name, fallback, fallbackNote, doc }) => {
    const value = fallbackNote ?? `\`${fallback}\``;
    return `| \`${name}\` | ${value} | ${doc} |`;
  });
  const table = ['| setting | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
  assert.equal(shown, table);
});

test('every file that the documents link to exists', () => {
  for (const document of ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md']) {
    const text = readFileSync(join(ROOT, document), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      assert.ok(existsSync(join(ROOT, String(target))), `${document} links to ${target}`);
    }
  }
});

/** Carries out a curl command line as it is written: -H, -d, and POST where there is a body. */
function curl(command: string) {
  const [, ...args] = words(command);
  const headers: [string, string][] = [];
  let url = '';
  let body: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] as string;
    if (arg === '-H') headers.push((args[++index] ?? '').split(': ') as [string, string]);
    else if (arg === '-d') body = args[++index];
    else url = arg.replace(README_URL, server.url);
  }
  return send(url, { method: body === undefined ? 'GET' : 'POST', headers, body });
}

/** Splits a command as a shell does, as far as the README needs it: spaces and single quotes. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
