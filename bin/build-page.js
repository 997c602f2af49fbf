/**
 * Builds the page, if the tools for it are installed, and otherwise says how to. `npm ci` runs it
 * with `--again`, `npm start` without, which only builds a page that is missing. This file is
 * JavaScript because any Node.js from 20 on must be able to run it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const isBuilt = existsSync(join(root, 'web/dist/index.html'));
const hasTools = existsSync(join(root, 'node_modules/vite'));

if (hasTools && (!isBuilt || process.argv.includes('--again'))) {
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
