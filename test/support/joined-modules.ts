/**
 * The modules of the program, and those of packages that have hundreds, joined into a few files.
 * The processes of a run, of which there are hundreds, then start with half the processor time.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, rolldownVersion } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
/** They have more modules than the program, and every process loads them. */
const PACKAGES = ['kysely', 'typebox'];
/** In the checkout, so that what is joined finds the packages that the program does. */
const JOINED = join(ROOT, 'node_modules/.cache/chit-tests');
/** What other versions of the program left there goes after this time. */
const KEPT_MS = 86_400_000;

/** Modules that are programs of threads and processes: they stay as they are. */
const PROGRAM = /new URL\(\s*'(\.[^']*\.ts)'/g;
/** Modules that are loaded when they are first needed: they stay apart. */
const LAZY = /\bimport\(\s*'(\.[^']*\.ts)'/g;

/**
 * Joins them and makes a module that gives them to this checkout. Kept for the next run, as long as
 * nothing changes.
 * @param ofRun a folder for the module
 * @returns the URL of that module, for `--import`
 */
export async function joinModules(ofRun: string): Promise<string> {
  const [source, packages] = await Promise.all([joinSource(), joinPackages()]);
  const path = join(ofRun, 'joined-modules.mjs');
  writeFileSync(path, hookFor(source, packages));
  return pathToFileURL(path).href;
}

/** Where each module of the program is now, by its URL. */
type Places = Readonly<Record<string, string>>;

async function joinSource(): Promise<Places> {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).sort();
  const texts = new Map(files.map((it) => [join(ROOT, it), readFileSync(join(ROOT, it), 'utf8')]));
  const programs = namedIn(texts, PROGRAM).add(join(ROOT, 'src/main.ts'));
  const others = [...texts.keys()].filter((it) => !programs.has(it));
  const hash = createHash('sha256').update(rolldownVersion);
  hash.update(readFileSync(import.meta.filename));
  // Modules say where they are: those of a copied checkout would serve the page of the other one.
  hash.update(ROOT);
  for (const path of globSync('{package.json,src/**/*.*}', { cwd: ROOT }).sort()) {
    const isFile = statSync(join(ROOT, path)).isFile();
    if (isFile) hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  const folder = join(JOINED, `source-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    removeOld();
    const making = `${folder}.${process.pid}`;
    await joinInto(making, others, namedIn(texts, LAZY));
    // Another run may do the same at the same time.
    if (existsSync(folder)) rmSync(making, { recursive: true });
    else renameSync(making, folder);
  }
  return Object.fromEntries(
    others.map((it) => [pathToFileURL(it).href, pathToFileURL(join(folder, nameOf(it))).href]),
  );
}

/** The name of a module's file among the joined ones. */
const nameOf = (path: string) => `${path.slice(ROOT.length + 1, -'.ts'.length)}.mjs`;

/** The paths that modules name in this way. */
function namedIn(texts: ReadonlyMap<string, string>, way: RegExp): Set<string> {
  const named = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(way)].map(([, it]) => join(dirname(path), it ?? '')),
  );
  return new Set(named);
}

function removeOld(): void {
  for (const it of existsSync(JOINED) ? readdirSync(JOINED) : []) {
    const path = join(JOINED, it);
    const isOld = statSync(path).mtimeMs < Date.now() - KEPT_MS;
    if (isOld) rmSync(path, { recursive: true, force: true });
  }
}

async function joinInto(
  folder: string,
  modules: readonly string[],
  lazy: ReadonlySet<string>,
): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    plugins: [{ name: 'its-own-place', transform: withItsPlace }],
    ssr: { external: true },
    build: {
      ssr: true,
      outDir: folder,
      copyPublicDir: false,
      minify: false,
      sourcemap: true,
      target: 'esnext',
      rolldownOptions: {
        input: Object.fromEntries(modules.map((it) => [nameOf(it), it])),
        preserveEntrySignatures: 'strict',
        treeshake: false,
        output: {
          entryFileNames: '[name]',
          chunkFileNames: 'joined-[name].mjs',
          codeSplitting: {
            groups: [{ name: (id) => (lazy.has(id) ? null : floorOf(id)), debugName: 'floor' }],
          },
        },
      },
    },
  });
}

/** The folder in `src/` that a module is in. */
function floorOf(path: string): string | null {
  const [floor, ...inner] = path.slice(join(ROOT, 'src/').length).split('/');
  return path.startsWith(join(ROOT, 'src/')) && inner.length > 0 ? (floor ?? null) : null;
}

/** A module with the place that it has in the checkout, where files are that it reads. */
function withItsPlace(code: string, id: string): { code: string; map: null } | null {
  if (!code.includes('import.meta.')) return null;
  const placed = code
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  return { code: placed, map: null };
}

async function joinPackages(): Promise<Places> {
  const folder = join(tmpdir(), 'chit-test-packages');
  mkdirSync(folder, { recursive: true });
  const joined = await Promise.all(
    PACKAGES.map(async (name) => [name, pathToFileURL(await joinOne(name, folder)).href]),
  );
  return Object.fromEntries(joined) as Places;
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
function hookFor(source: Places, packages: Places): string {
  const checkout = pathToFileURL(join(ROOT, '/')).href;
  const modules = pathToFileURL(join(ROOT, 'node_modules/')).href;
  const joined = pathToFileURL(join(JOINED, '/')).href;
  return `import { registerHooks, setSourceMapsSupport } from 'node:module';

const source = new Map(Object.entries(${JSON.stringify(source)}));
const packages = new Map(Object.entries(${JSON.stringify(packages)}));

// Stacks name the lines of the program.
setSourceMapsSupport(true, { nodeModules: true });
registerHooks({
  resolve(specifier, context, next) {
    const from = context.parentURL ?? '';
    const url = specifier.endsWith('.ts')
      ? source.get(new URL(specifier, from || undefined).href)
      : packages.get(specifier);
    if (!url) return next(specifier, context);
    const isOurs =
      from === '' ||
      from.startsWith('${joined}') ||
      (from.startsWith('${checkout}') && !from.startsWith('${modules}'));
    return isOurs ? { url, format: 'module', shortCircuit: true } : next(specifier, context);
  },
});
`;
}
