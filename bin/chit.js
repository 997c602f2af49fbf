#!/usr/bin/env node
/**
 * Starts the program: its TypeScript in a checkout, and the JavaScript made from it in a package,
 * where Node.js strips no types. What Node compiled is kept for the next start, which is then faster
 * and takes 20 MB of memory less, since the stripper is not loaded.
 *
 * This file is JavaScript that any Node.js from 20 on can run. If that is too old for the program,
 * it runs the one that npm installed with the program.
 */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

/** The first version with everything that the program uses; `engines` in package.json. */
const OLDEST = [24, 7];

const ROOT = join(import.meta.dirname, '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  // Node itself would open a debugger on the first, and end on the second.
  for (const signal of ['SIGUSR1', 'SIGUSR2']) process.on(signal, () => undefined);
  module.enableCompileCache(join(ROOT, 'node_modules/.cache/node-compile-cache'));
  await import(existsSync(join(ROOT, 'src')) ? '../src/main.ts' : '../lib/main.js');
} else {
  await runWithOwnNode();
}

/** Runs the same command with the Node.js of the optional dependencies, and ends as it ends. */
async function runWithOwnNode() {
  const { spawn } = await import('node:child_process');
  const program = ownNode();
  if (program === undefined) {
    process.stderr.write(
      `This is Node.js ${process.versions.node}; Chit needs ${OLDEST.join('.')} or later. npm did ` +
        `not install one: there is none for ${process.platform} on ${process.arch}, or optional ` +
        'packages were left out. Install it and put it on the PATH.\n',
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(program, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  const passOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
  for (const name of passOn) process.on(name, () => child.kill(name));
  // A terminal sends it to both.
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    for (const name of [...passOn, 'SIGINT']) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

function ownNode() {
  const { resolve } = module.createRequire(import.meta.url);
  const isWindows = process.platform === 'win32';
  const system = isWindows ? 'win' : process.platform;
  for (const prefix of ['node', 'node-bin']) {
    try {
      const folder = join(resolve(`${prefix}-${system}-${process.arch}/package.json`), '..');
      return join(folder, 'bin', isWindows ? 'node.exe' : 'node');
    } catch {
      // It is not installed.
    }
  }
  return undefined;
}
