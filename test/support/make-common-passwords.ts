/**
 * Makes `src/auth/common-passwords.br`, the passwords that nobody may choose, from a list of
 * passwords with the most common one first: docs/decisions/0057-passwords.md says which list, and
 * where it is. Run again only to take a newer list.
 * @param process.argv the file of that list, a password per line
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { foldPassword } from '../../src/core/password-rules.ts';

/** NIST SP 800-63B-4, 3.1.1.2, and OWASP ASVS 5.0, 6.2.1: no password is shorter. */
const SHORTEST = 8;
/** How many of the most common ones, by least length: some sites have a longer minimum. */
const MOST = new Map([
  [SHORTEST, 100_000],
  [10, 20_000],
  [12, 10_000],
  [15, 3_000],
]);

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file of the list.');
const lines = readFileSync(file, 'utf8').split(/\r?\n/);
const all = new Set(lines.map(foldPassword).filter((it) => !it.includes('\ufffd')));
const kept = new Set();
for (const [length, most] of MOST) {
  const ofLength = [...all].filter((it) => [...it].length >= length).slice(0, most);
  for (const it of ofLength) kept.add(it);
}
const sorted = [...kept].map((it) => Buffer.from(`${it}\n`)).sort(Buffer.compare);
const packed = brotliCompressSync(Buffer.concat(sorted), {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  },
});
writeFileSync(join(import.meta.dirname, '../../src/auth/common-passwords.br'), packed);
process.stdout.write(`${kept.size} passwords, ${packed.length} bytes\n`);
