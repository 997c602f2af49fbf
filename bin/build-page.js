/**
 * Builds the page, if the tools for it are installed, and otherwise says how to. `npm ci` runs it
 * with `--again`, `npm start` without, which only builds a page that is missing. This file is
 * JavaScript because any Node.js from 20 on must be able to run it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The first version with everything that the program uses; `engines` in package.json. */
const OLDEST = [24, 7];

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
  const shell = process.platform === 'win32';
  const { status } = spawnSync('npm', ['run', '-s', 'build:web'], {
    cwd: root,
    stdio: 'inherit',
    shell,
  });
  process.exitCode = status ?? 1;
} else if (!isBuilt) {
  process.stderr.write(
    'The page is not built, since the tools for it are not installed; the API works without it.\n' +
      'To build it: npm ci. Then, to remove the tools: npm prune --omit=dev\n',
  );
}
