import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
/** They have more modules than the program, and every process loads them. */
const PACKAGES = ['kysely', 'typebox'];

/**
 * Joins the modules of the packages that have hundreds, each into one file, and makes a module that
 * gives them to this checkout. The processes of the tests, of which there are hundreds, then start
 * with a third less processor time. Kept for the next run, as long as the versions are the same.
 * @param ofRun a folder for the module
 * @returns the URL of that module, for `--import`
 */
export async function joinPackages(ofRun: string): Promise<string> {
  const folder = join(tmpdir(), 'chit-test-packages');
  mkdirSync(folder, { recursive: true });
  const joined = await Promise.all(
    PACKAGES.map(async (name) => [name, pathToFileURL(await joinOne(name, folder)).href]),
  );
  const path = join(ofRun, 'joined-packages.mjs');
  writeFileSync(path, hookFor(Object.fromEntries(joined)));
  return pathToFileURL(path).href;
}

async function joinOne(name: string, folder: string): Promise<string> {
  const manifest = join(ROOT, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const path = join(folder, `${name}-${version}.mjs`);
  if (existsSync(path)) return path;
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: { ssr: true, write: false, minify: false, rolldownOptions: { input: name } },
    ssr: { noExternal: true },
  });
  const [output] = [result].flat();
  const chunk = output && 'output' in output ? output.output[0] : undefined;
  if (!chunk) throw new Error(`${name} was not joined.`);
  // Another run may do the same at the same time.
  writeFileSync(`${path}.${process.pid}`, chunk.code);
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

/** Only for what this checkout imports: an installed package has its own. */
function hookFor(joined: Readonly<Record<string, string>>): string {
  const checkout = pathToFileURL(join(ROOT, '/')).href;
  const modules = pathToFileURL(join(ROOT, 'node_modules/')).href;
  return `import { registerHooks } from 'node:module';

const joined = new Map(Object.entries(${JSON.stringify(joined)}));

registerHooks({
  resolve(specifier, context, next) {
    const url = joined.get(specifier);
    const from = context.parentURL ?? '';
    const isOurs = from.startsWith('${checkout}') && !from.startsWith('${modules}');
    return url && isOurs ? { url, format: 'module', shortCircuit: true } : next(specifier, context);
  },
});
`;
}
