/** The site of the documentation: links, navigation, and the commands that its pages name. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { buildSite } from '../../site/build.ts';
import { chitProgram } from '../../src/cli/program.ts';
import { SETTINGS } from '../../src/config.ts';
import { shellLines } from '../support/documents.ts';
import { newFolder } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What can stand in front of a command of Chit, or of a script. */
const BEFORE =
  /^(?:[A-Z_]+=\S+ |sudo -u \w+ |docker compose exec \w+ |docker exec \w+ |cd \S+ && )*/;

let out: string;
let pages: Map<string, string>;

before(() => {
  out = join(newFolder(), 'site');
  buildSite(out);
  pages = new Map(globSync('*.html', { cwd: out }).map((it) => [it, read(it)]));
});
after(() => rmSync(join(out, '..'), { recursive: true, force: true }));

function read(page: string): string {
  return readFileSync(join(out, page), 'utf8');
}

function attributes(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<(?!meta)[^>]* ${name}="([^"]*)"`, 'g'))].map(
    ([, value]) => value ?? '',
  );
}

test('every link leads to a page and an anchor that exist, and every file that is named is there', () => {
  const broken: string[] = [];
  for (const [page, html] of pages) {
    for (const link of [...attributes(html, 'href'), ...attributes(html, 'src')]) {
      if (/^(https:|mailto:)/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? html : globSync(path, { cwd: out }).length > 0 && read(path);
      const isThere = target !== false && (!anchor || attributes(target, 'id').includes(anchor));
      if (!isThere) broken.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('every page of docs/ is in the navigation, and every page is linked', () => {
  const [navigation = ''] = /<nav id="pages".*?<\/nav>/s.exec(read('index.html')) ?? [];
  const named = attributes(navigation, 'href').filter((it) => !it.startsWith('#'));
  const documents = globSync('docs/*.md', { cwd: ROOT }).length;
  const others = [
    'README.md',
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'docs/decisions',
    'bench/results',
  ];
  assert.equal(new Set(named).size, documents + others.length);
  const linked = new Set([...pages.values()].flatMap((html) => attributes(html, 'href')));
  assert.deepEqual(
    [...pages.keys()].filter((it) => !linked.has(it)),
    [],
  );
});

test('pages have no script or style of their own, and ask no other host', () => {
  for (const [page, html] of pages) {
    assert.doesNotMatch(html, /<style| style=| on\w+="|<script(?! src="site\.js"><)/, page);
    for (const source of attributes(html, 'src'))
      assert.doesNotMatch(source, /^(https?:)?\/\//, page);
  }
});

test('a heading has the anchor that it has on GitHub', () => {
  assert.match(read('security.html'), /<h2 id="what-the-operator-must-do">/);
  assert.match(read('index.html'), /<h1 id="start">Start<\/h1>/);
});

test('every command and script that a code block names exists', () => {
  const unknown: string[] = [];
  let named = 0;
  for (const path of globSync('{README.md,docs/*.md}', { cwd: ROOT })) {
    for (const line of shellLines(readFileSync(join(ROOT, path), 'utf8'))) {
      const command = line.replace(BEFORE, '');
      const script = /^npm run (?:-s )?([\w:]+)/.exec(command)?.[1];
      if (script !== undefined && !(script in packageJson.scripts))
        unknown.push(`${path}: ${line}`);
      const chit = /^(?:npm run -s chit --|\S*chit(?:\.js)?(?= ))(.*)$/.exec(command)?.[1];
      if (chit === undefined) continue;
      named += 1;
      if (!isCommand(chit.trim().split(/\s+/))) unknown.push(`${path}: ${line}`);
    }
  }
  assert.deepEqual(unknown, []);
  assert.ok(named > 40, String(named));
});

test('every setting that a page names exists', () => {
  const known = new Set<string>(Object.values(SETTINGS).map(({ name }) => name));
  for (const path of globSync('docs/*.md', { cwd: ROOT })) {
    for (const [name] of readFileSync(join(ROOT, path), 'utf8').matchAll(
      /\bCHIT_[A-Z_]*[A-Z]\b/g,
    )) {
      assert.ok(known.has(name.replace(/_FILE$/, '')), `${path} names ${name}`);
    }
  }
});

/** Whether there is such a command, and all its options. */
function isCommand(words: readonly string[]): boolean {
  let command: Command = chitProgram();
  let depth = 0;
  for (const word of words) {
    const next: Command | undefined = command.commands.find((it) => it.name() === word);
    if (!next) break;
    command = next;
    depth += 1;
  }
  // A command that only has subcommands takes no words.
  const isNamed = depth > 0 && (command.commands.length === 0 || words.length === depth);
  const options = words.filter((it) => /^--\w/.test(it)).map((it) => it.replace(/=.*/, ''));
  const known = command.options.map(({ long }) => long);
  return isNamed && options.every((it) => it === '--help' || known.includes(it));
}
