/**
 * Builds the page. `npm ci` runs it with `--again`, `npm start` without, which only builds a page
 * that is missing. Where the tools for it are not installed (`npm ci --omit=dev`) and there is no
 * page yet, they are installed into a temporary folder and removed afterwards. This file is
 * JavaScript because any Node.js from 20 on must be able to run it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The first version with everything that the program uses; `engines` in package.json. */
const OLDEST = [24, 7];
/** What the page is built with and from. */
const TOOLS = [
  '@preact/signals',
  '@simplewebauthn/browser',
  'dompurify',
  'eventsource-parser',
  'fflate',
  'highlight.js',
  'katex',
  'marked',
  'preact',
  'uplot',
  'uqr',
  'vite',
];

const root = join(import.meta.dirname, '..');
const isBuilt = existsSync(join(root, 'web/dist/index.html'));
const hasTools = existsSync(join(root, 'node_modules/vite'));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isTooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
if (isTooOld) {
  process.stderr.write(
    `This is Node.js ${process.versions.node}; Chit needs ${OLDEST.join('.')} or later. npm did ` +
      `not install one: there is none for ${process.platform} on ${process.arch}, or optional ` +
      'packages were left out. Install it and put it on the PATH.\n',
  );
  process.exitCode = 1;
} else if (hasTools && (!isBuilt || process.argv.includes('--again'))) {
  process.exitCode = npm(['run', '-s', 'build:web'], root);
} else if (!isBuilt && existsSync(join(root, 'web/src'))) {
  buildWithTools();
}

/** Builds in a copy, with the versions of the lock file. */
function buildWithTools() {
  process.stdout.write('Building the page, with tools that are removed afterwards.\n');
  const folder = mkdtempSync(join(tmpdir(), 'chit-page-'));
  try {
    const { name, version, type, scripts, ...itsOwn } = packageJson();
    const versions = { ...itsOwn.devDependencies, ...itsOwn.dependencies };
    const dependencies = Object.fromEntries(TOOLS.map((it) => [it, versions[it]]));
    const build = { 'build:web': scripts['build:web'] };
    const itself = { name, version, type, private: true, scripts: build, dependencies };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(itself));
    for (const it of ['package-lock.json', 'tsconfig.json', 'web']) {
      cpSync(join(root, it), join(folder, it), { recursive: true });
    }
    const installed = npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
    const built = installed === 0 ? npm(['run', '-s', 'build:web'], folder) : installed;
    if (built === 0) cpSync(join(folder, 'web/dist'), join(root, 'web/dist'), { recursive: true });
    else process.stderr.write('The page is not built; the API works without it.\n');
    process.exitCode = built;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packageJson() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** Runs npm without the options of the npm that runs this script, such as `--omit=dev`. */
function npm(args, cwd) {
  const names = /^npm_config_(omit|include|production|only|global|dry_run|local_prefix)$/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
  if (env.NODE_ENV === 'production') delete env.NODE_ENV;
  const shell = process.platform === 'win32';
  return spawnSync('npm', args, { cwd, env, stdio: 'inherit', shell }).status ?? 1;
}
