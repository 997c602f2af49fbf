/** The documents describe what is there: commands, answers, settings, files. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { SETTINGS } from '../src/config.ts';
import { readDeployment } from '../src/models/deployment-file/read-deployment.ts';
import * as prices from '../src/models/prices/price-catalogue.ts';
import { addDjangoUser, djangoHash, newDjangoDatabase } from './support/django.ts';
import { curl, wordsOf } from './support/documents.ts';
import { runChit, startServer, type TestServer } from './support/server.ts';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The documents that describe the code as it is now. The changelog names files of its time. */
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  ...globSync('docs/*.md', { cwd: ROOT }),
  ...globSync('docs/decisions/*.md', { cwd: ROOT }),
]
  .sort()
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const blocks = blocksOf(readme);
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

test('each curl call in the README returns the answer shown below it', async () => {
  let access = '';
  let calls = 0;
  for (const [index, { text }] of blocks.entries()) {
    if (!text.startsWith('curl ')) continue;
    calls += 1;
    const answer = await curl(text.replace('ACCESS', access), server.url);
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

test('each chit.json in the README and in docs/models.md is valid', () => {
  const all = [...blocks, ...blocksOf(readFileSync(join(ROOT, 'docs/models.md'), 'utf8'))];
  const files = all.filter(({ language }) => language === 'jsonc');
  assert.equal(files.length, 4);
  for (const { text } of files) {
    assert.ok(text.split('\n').length < 10);
    assert.equal(deploymentIn(text).models.length, 1);
  }
});

test('each price in the text of docs/models.md and docs/prices.md is valid', () => {
  const texts = ['models', 'prices'].map((it) => readFileSync(join(ROOT, `docs/${it}.md`), 'utf8'));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/`(\{ "(?:catalogue|per[A-Z]\w*|above|tiers)":[^`]*\})`/g),
  ]);
  assert.ok(found.length >= 5);
  const example = blocks.find(({ language }) => language === 'jsonc')?.text ?? '';
  for (const [, price = ''] of found) deploymentIn(example.replace('"catalogue"', price));
});

test('each chit command in the README works', async () => {
  const commands = shell.filter((line) => line.startsWith('npm run -s chit -- '));
  assert.ok(commands.length > 0);
  for (const command of commands) {
    const args = wordsOf(command.replace('npm run -s chit -- ', ''));
    const name = args[0] === 'createsuperuser' ? ['--username', 'root'] : [];
    const outcome = await runChit(server.folder, [...args, ...name], { input: 'a passphrase\n' });
    assert.equal(outcome.code, 0, `${command}\n${outcome.stderr}`);
  }
});

test('all other commands in the README are scripts in package.json', () => {
  const others = shell.filter((line) => !/^(curl |npm run -s chit )/.test(line));
  assert.deepEqual(others, ['npm ci && npm start', 'npm ci && npm test']);
  assert.match(packageJson.scripts.start, /^node (--\S+ )*bin\/chit\.js serve$/);
  for (const [, script] of readme.matchAll(/`npm run ([\w:]+)`/g)) {
    assert.ok(String(script) in packageJson.scripts, script ?? '');
  }
});

test('the table in docs/settings.md matches config.ts', () => {
  const page = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
  const shown = /<!-- settings -->\n(.*?)<!-- \/settings -->/s.exec(page)?.[1];
  const rows = Object.values(SETTINGS).map(({ name, fallback, fallbackNote, doc }) => {
    const value = fallbackNote ?? `\`${fallback}\``;
    return `| \`${name}\` | ${value} | ${doc} |`;
  });
  const table = ['| setting | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
  assert.equal(shown, table);
});

test('every link in the documents leads to an existing file', () => {
  const broken: string[] = [];
  for (const document of documents) {
    for (const [, target] of document.text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      if (!existsSync(join(ROOT, dirname(document.path), String(target)))) {
        broken.push(`${document.path} links to ${target}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test('every path in backticks in the documents exists', () => {
  const missing: string[] = [];
  for (const { path, text } of documents) {
    for (const [, named] of text.matchAll(/`((?:src|web|test|bench|bin|docs|deploy)\/[^`\s]*)`/g)) {
      // What a build makes is not in a fresh checkout.
      if (named?.startsWith('web/dist/')) continue;
      if (globSync(String(named), { cwd: ROOT }).length === 0) missing.push(`${path}: ${named}`);
    }
  }
  assert.deepEqual(missing, []);
});

/** Code blocks with their language, in order of appearance. */
function blocksOf(page: string) {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, text]) => ({
    language,
    text: (text ?? '').replace(/\\\n\s*/g, '').trim(),
  }));
}

/** What a chit.json in a document offers. */
function deploymentIn(text: string) {
  const environment = { OPENAI_API_KEY: 'x', ANTHROPIC_API_KEY: 'x' };
  const catalogue = { find: prices.findInCatalogue, nearest: prices.nearestInCatalogue };
  return readDeployment(text, { file: 'chit.json', environment, catalogue });
}
