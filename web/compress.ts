/** Puts a brotli and a gzip of every built file beside it, so that the server need not compress. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const DIST = join(import.meta.dirname, 'dist');

for (const name of globSync('**/*.{html,js,css,svg}', { cwd: DIST })) {
  const path = join(DIST, name);
  const content = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(content));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
