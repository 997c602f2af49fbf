/**
 * What `npm pack` runs first: makes `lib/`, the program as JavaScript, since Node.js strips no types
 * of installed packages, and `npm-shrinkwrap.json`, so that an installed package has the versions of
 * dependencies that it was tested with. With `--remove`, removes both again.
 * @param process.argv a folder to write to, by default that of the package
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const isRemoving = process.argv.includes('--remove');
const target = process.argv.slice(2).find((it) => !it.startsWith('--')) ?? root;
const lib = join(target, 'lib');
const shrinkwrap = join(target, 'npm-shrinkwrap.json');

rmSync(lib, { recursive: true, force: true });
rmSync(shrinkwrap, { force: true });
if (!isRemoving) {
  // `stripTypeScriptTypes` is experimental; the tests of the package run what it makes.
  process.removeAllListeners('warning');
  for (const name of globSync('src/**/*.*', { cwd: root })) writeAsJavaScript(name);
  writeFileSync(shrinkwrap, JSON.stringify(lockOfProduction(), undefined, 2));
}

function writeAsJavaScript(name) {
  const bytes = readFileSync(join(root, name));
  const to = join(lib, name.replace(/^src./, '').replace(/\.ts$/, '.js'));
  mkdirSync(dirname(to), { recursive: true });
  // Types become spaces, so lines and columns stay as they are in the TypeScript.
  const isProgram = name.endsWith('.ts');
  writeFileSync(to, isProgram ? withJsPaths(stripTypeScriptTypes(bytes.toString())) : bytes);
}

/** Imports, and paths of threads, with the names of the JavaScript. */
function withJsPaths(text) {
  return text.replace(/(['"])(\.{1,2}\/[^'"\n]+)\.ts\1/g, '$1$2.js$1');
}

function lockOfProduction() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { devDependencies: _, ...itself } = lock.packages[''];
  const kept = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
  return { ...lock, packages: { '': itself, ...Object.fromEntries(kept) } };
}
