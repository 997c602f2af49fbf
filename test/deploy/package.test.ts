/** What `npm pack` puts into a package runs with production dependencies alone. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { newFolder } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = newFolder();
/** Where npm would put it: Node.js strips no types there. */
const installed = join(folder, 'node_modules/chit');

before(() => {
  mkdirSync(installed, { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'bin/prepack.js'), installed]);
  for (const name of ['bin', 'package.json']) {
    cpSync(join(ROOT, name), join(installed, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
});
after(() => rmSync(folder, { recursive: true }));

/** What the files of a folder import: paths within the package, and names of packages. */
function importsOf(pattern: string): { readonly file: string; readonly target: string }[] {
  const found =
    /(?:^(?:import|export) [^;']*?\bfrom |^import |\bimport\(\s*|new URL\()'([^'\n]+)'/gm;
  return globSync(pattern, { cwd: installed }).flatMap((file) =>
    [...readFileSync(join(installed, file), 'utf8').matchAll(found)].map(([, target = '']) => ({
      file,
      target,
    })),
  );
}

test('every file of src is in the package, as JavaScript', () => {
  const expected = globSync('src/**/*.*', { cwd: ROOT })
    .map((name) => relative('src', name).replace(/\.ts$/, '.js'))
    .sort();
  const made = globSync('**/*.*', { cwd: join(installed, 'lib') }).sort();
  assert.deepEqual(made, expected);
  assert.ok(made.some((name) => name.endsWith('.sql')));
});

test('every import resolves to a file in the package or to a production dependency', () => {
  const imports = importsOf('{lib,bin}/**/*.js');
  const dependencies = Object.keys(packageJson.dependencies);
  const faults: string[] = [];
  let packages = 0;
  for (const { file, target } of imports) {
    if (target === '../src/main.ts') continue;
    if (target.startsWith('.')) {
      const path = resolve(installed, dirname(file), target);
      if (globSync(path).length === 0) faults.push(`${file} imports ${target}, which is not there`);
      continue;
    }
    if (target.startsWith('node:') || builtinModules.includes(target)) continue;
    packages += 1;
    const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
    if (!dependencies.includes(name)) faults.push(`${file} imports ${name}, no dependency`);
  }
  assert.ok(packages > 20);
  assert.deepEqual(faults, []);
});

test('it runs without stripping types', () => {
  const program = join(installed, 'bin/chit.js');
  const none = ['--no-strip-types', program, '--help'];
  // Without what the tests load, which is TypeScript.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const output = execFileSync(process.execPath, none, { cwd: folder, env, encoding: 'utf8' });
  assert.match(output, /Usage: chit/);
});

test('its versions are those of the lock file, without what only development needs', () => {
  const text = readFileSync(join(installed, 'npm-shrinkwrap.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: boolean }> };
  assert.ok('node_modules/fastify' in packages);
  assert.ok(!('node_modules/vite' in packages));
  assert.ok(Object.values(packages).every(({ dev }) => !dev));
});

test('its list of files has the program, the page and what it is deployed with, and no tests', () => {
  const { files } = packageJson;
  for (const name of ['bin/', 'lib/', 'web/dist/', 'deploy/'])
    assert.ok(files.includes(name), name);
  for (const name of ['src/', 'test/', 'web/', 'node_modules/']) assert.ok(!files.includes(name));
});

test('what the page is built with is known to the build without development dependencies', () => {
  const script = readFileSync(join(ROOT, 'bin/build-page.js'), 'utf8');
  const list = /const TOOLS = \[([^\]]*)\]/.exec(script)?.[1] ?? '';
  const tools = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
  const used = new Set(
    globSync('web/{src/**/*.{ts,tsx},*.ts}', { cwd: ROOT }).flatMap((file) =>
      [...valueImports(readFileSync(join(ROOT, file), 'utf8'))]
        .map(([, name = '']) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
        .filter((name) => !name.startsWith('node:')),
    ),
  );
  assert.deepEqual([...used].sort(), tools);
});

/** Imports of more than types. */
function valueImports(text: string): IterableIterator<RegExpExecArray> {
  return text.replaceAll(/^import type [^;]*;/gm, '').matchAll(/(?:from |import\()'([^'.][^']*)'/g);
}
