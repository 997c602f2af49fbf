/**
 * `npm run test:package`: installs Chit as operators do, with the real npm, into temporary folders,
 * and starts it there. Needs npm's registry or a full cache, and some minutes. Exits with 1 if
 * anything is wrong. What `npm pack` puts into a package is checked by `npm test` too.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const START_WITHIN_MS = 120_000;
const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'];

const scratch = mkdtempSync(join(tmpdir(), 'chit-package-'));
try {
  const checkout = join(scratch, 'checkout');
  copyCheckout(checkout);
  npm(['ci', '--omit=dev', ...QUIET], checkout);
  assert.ok(!existsSync(join(checkout, 'node_modules/vite')), 'no tools are left');
  await check('npm ci --omit=dev', checkout, ['node', join(checkout, 'bin/chit.js'), 'serve']);
  report('its node_modules', join(checkout, 'node_modules'));

  const [{ filename, size, unpackedSize }] = JSON.parse(
    npm(['pack', '--json', '--pack-destination', scratch, '--loglevel', 'error'], checkout),
  ) as [{ filename: string; size: number; unpackedSize: number }];
  const tarball = join(scratch, filename);
  process.stdout.write(`${filename}: ${size} bytes, unpacked ${unpackedSize}\n`);
  assert.ok(!existsSync(join(checkout, 'lib')), 'what was made for the package is removed');

  // npm 11 does not find a tarball by a relative path, and would run one by an absolute path.
  const empty = newFolder('empty');
  await check('npx', empty, ['npx', '--yes', ...QUIET, `file:${tarball}`, 'serve']);

  const withOwnNode = newFolder('with-own-node');
  npm(['install', '--prefix', withOwnNode, '--omit=optional', ...QUIET, tarball], withOwnNode);
  const program = join(withOwnNode, 'node_modules/.bin/chit');
  await check('npm install --omit=optional', withOwnNode, [program, 'serve']);
  report('its node_modules', join(withOwnNode, 'node_modules'));
  rateUnit();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The files of the working tree that are not ignored. */
function copyCheckout(to: string): void {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (file === '' || !existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(ROOT, file), join(to, file));
  }
}

function npm(args: readonly string[], cwd: string): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: [...stdio] });
}

function newFolder(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  return folder;
}

/** Starts the server in the folder, asks it for its page, and stops it. */
async function check(what: string, cwd: string, command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command;
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('CHIT_'));
  const env = { ...Object.fromEntries(settings), CHIT_PORT: '0' };
  // A group of its own, so that a signal reaches the server and not only npx.
  const child = spawn(program, args, { cwd, env, detached: true });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  try {
    const url = await addressOf(child);
    const page = await fetch(`${url}/`);
    assert.equal(page.status, 200, `${what}: the page is there`);
    const script = /src="(\/assets\/[^"]+)"/.exec(await page.text())?.[1] ?? '';
    assert.equal((await fetch(url + script)).status, 200, `${what}: ${script}`);
    assert.equal((await fetch(`${url}/docs/json`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.ok(readdirSync(join(cwd, 'data')).includes('chit.db'), `${what}: data is in the folder`);
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGTERM');
  }
  await ended;
  process.stdout.write(`ok: ${what}\n`);
}

async function addressOf(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`It did not start:\n${output}`));
    const timer = setTimeout(fail, START_WITHIN_MS);
    const listen = (chunk: Buffer) => {
      output += chunk.toString();
      const [, url] = /Chit listens on (http:\/\/\S+)\//.exec(output) ?? [];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', fail);
  });
}

function report(what: string, folder: string): void {
  const [kilobytes] = execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t');
  process.stdout.write(`${what}: ${Math.round(Number(kilobytes) / 1024)} MB\n`);
}

/** How exposed systemd finds the unit to be, from 0 to 10; at most 2. Nothing without systemd. */
function rateUnit(): void {
  const unit = join(ROOT, 'deploy/systemd/chit.service');
  const args = ['security', '--offline=true', '--threshold=20', unit];
  const { error, status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  if (error) {
    process.stdout.write('systemd is not installed, so its unit is not rated\n');
    return;
  }
  assert.equal(status, 0, stdout);
  process.stdout.write(`ok:${/→ (.*)/.exec(stdout)?.[1]}\n`);
}
