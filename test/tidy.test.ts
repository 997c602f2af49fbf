/** The rules of the house that a reader can check, checked. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 100;
const MAX_LINE_COLUMNS = 100;

/** Which rooms a room may import from, besides itself. `core` imports nothing. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  ledger: ['core'],
  store: ['core'],
  models: ['core'],
  auth: ['core'],
  app: ['auth', 'ledger', 'store', 'models', 'core'],
  http: ['app', 'store', 'models', 'core'],
  telemetry: ['app', 'ledger', 'models', 'core'],
  'compose.ts': [
    'compose',
    'http',
    'telemetry',
    'app',
    'auth',
    'ledger',
    'store',
    'models',
    'core',
    'config.ts',
  ],
  compose: ['telemetry', 'app', 'auth', 'store', 'models', 'core', 'config.ts', 'settings'],
  'config.ts': ['settings', 'core'],
  settings: ['core'],
  cli: ['compose.ts', 'compose', 'config.ts', 'http', 'app', 'auth', 'store', 'core'],
  'main.ts': ['cli'],
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const sources = read('src/**/*.ts');
const web = read('web/{src/**/*.{ts,tsx},*.ts}');
const everything = [
  ...sources,
  ...web,
  ...read('test/**/*.ts'),
  ...read('bench/**/*.ts'),
  ...read('site/*.ts'),
];

test('imports run downward: each room imports only what it may', () => {
  const broken: string[] = [];
  for (const file of sources) {
    const room = roomOf(file.path);
    const allowed = MAY_IMPORT[room];
    assert.ok(allowed, `${file.path} is in no known room`);
    for (const target of importsOf(file)) {
      const targetRoom = roomOf(target);
      if (targetRoom === room || allowed.includes(targetRoom)) continue;
      if (!target.startsWith('src/')) continue;
      broken.push(`${file.path} imports ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('the page shares nothing with the server but types of the wire', () => {
  for (const { path, text } of web) {
    const shared = [...text.matchAll(/^import (type )?[^;]*? from '[^']*\/src\/([^']+)';/gm)];
    for (const [statement, isType, target] of shared) {
      assert.ok(isType && /^http\/.*-schema\.ts$/.test(target ?? ''), `${path}: ${statement}`);
    }
  }
});

test('no file imports itself by way of others, in the program and in the page', () => {
  const graph = new Map([...sources, ...web].map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `an import cycle: ${[...trail, path].join(' -> ')}`);
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

test('core is pure: it imports nothing from outside and knows no clock and no chance', () => {
  for (const file of sources.filter(({ path }) => path.startsWith('src/core/'))) {
    assert.deepEqual(packagesOf(file), [], file.path);
    assert.doesNotMatch(file.text, /Date\.now|new Date|Math\.random|process\.|await |async /);
  }
});

test('only config.ts reads the environment', () => {
  const readers = sources.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
  assert.deepEqual(readers, ['src/config.ts']);
});

test('only http turns errors of the domain into statuses', () => {
  // Providers answer us with statuses, which is another matter.
  const outside = sources.filter(
    ({ path }) =>
      !path.startsWith('src/http/') && path !== 'src/models/provider-client/provider.ts',
  );
  for (const file of outside) {
    assert.doesNotMatch(file.text, /statusCode|HTTP status|HttpError/, file.path);
  }
});

test('an error status is sent only with a code: by an HttpError, or with its headers', () => {
  for (const { path, text } of sources.filter((it) => it.path.startsWith('src/http/'))) {
    for (const [status] of text.matchAll(/\.code\((?:statusCode|\w+\.status|[45]\d\d)\)/g)) {
      assert.match(text, /errorHeaders\(|HttpError\b|responseTo\(/, `${path}: ${status}`);
    }
  }
});

test(`files have at most ${MAX_FILE_LINES} lines of at most ${MAX_LINE_COLUMNS} columns`, () => {
  const faults = everything.flatMap(({ path, lines }) => [
    ...(lines.length > MAX_FILE_LINES ? [`${path} has ${lines.length} lines`] : []),
    ...lines.flatMap((line, index) =>
      line.length > MAX_LINE_COLUMNS && !isTitle(line)
        ? [`${path}:${index + 1} is ${line.length} wide`]
        : [],
    ),
  ]);
  assert.deepEqual(faults, []);
});

test(`functions have at most ${MAX_FUNCTION_LINES} lines`, () => {
  const faults = everything.flatMap((file) =>
    functionsOf(file)
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name, lines }) => `${file.path}: ${name} has ${lines} lines`),
  );
  assert.deepEqual(faults, []);
});

test('no object literal is spread: the formatter lays objects out', () => {
  const faults = everything.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (/\.\.\.\{/.test(line) ? [`${path}:${index + 1}`] : [])),
  );
  assert.deepEqual(faults, []);
});

test('file names are kebab-case and exports are named', () => {
  for (const { path, text } of everything) {
    assert.match(path, /^[a-z0-9/-]+(\.test|\.config)?\.tsx?$/);
    if (path !== 'web/vite.config.ts') assert.doesNotMatch(text, /^export default/m, path);
  }
});

test('every exported function and class says what it is for', () => {
  const faults = [...sources, ...web].flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      const isExported = /^export (async )?(function|class) /.test(line);
      const isDescribed = lines[index - 1]?.trim().endsWith('*/');
      const isWholeFile = path.startsWith('src/cli/') || path.includes('/migrations/');
      return isExported && !isDescribed && !isWholeFile ? [`${path}:${index + 1} ${line}`] : [];
    }),
  );
  assert.deepEqual(faults, []);
});

test('decision records have at most 60 lines', () => {
  for (const { path, lines } of read('docs/decisions/*.md')) {
    assert.ok(lines.length <= 61, `${path} has ${lines.length} lines`);
  }
});

/** The name of a test is a sentence, and cannot be broken. */
function isTitle(line: string): boolean {
  return /^\s*test\(/.test(line);
}

function read(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: ROOT })
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, lines: text.split('\n') };
    });
}

/** The room of a file: its folder in `src/`, or its name if it stands there itself. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function specifiersOf(file: SourceFile): string[] {
  const matches = file.text.matchAll(
    /^(?:import|export)\s[^;]*?from '([^']+)'|\bimport\(\s*'([^']+)'/gms,
  );
  return [...matches].map(([, specifier, lazy]) => specifier ?? lazy ?? '');
}

/** Paths of the project's own files that a file imports. */
function importsOf(file: SourceFile): string[] {
  return specifiersOf(file)
    .filter((it) => it.startsWith('.'))
    .map((it) => relative(ROOT, resolve(ROOT, dirname(file.path), it)));
}

function packagesOf(file: SourceFile): string[] {
  return specifiersOf(file).filter((it) => !it.startsWith('.'));
}

/** Functions and methods by their first line and the closing brace at the same indentation. */
function functionsOf(file: SourceFile): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  for (const [start, line] of file.lines.entries()) {
    const opening = /^(\s*)(?:.*\b(?:function\b|=>)|\S.*\)(?:: .*)?) ?.*\{$/.exec(line);
    if (
      !opening ||
      /^\s*(?:if|for|while|switch|\}|class|interface|test|describe|onEachDatabase)\b/.test(line)
    )
      continue;
    const end = file.lines.findIndex(
      (it, index) => index > start && it.startsWith(`${opening[1]}}`),
    );
    if (end !== -1) found.push({ name: line.trim(), lines: end - start + 1 });
  }
  return found;
}
