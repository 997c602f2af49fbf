/**
 * The file of a backup: a tar archive compressed with Zstandard, so that one file is a backup, and
 * `tar --zstd -xf` opens it where there is no Chit. The manifest comes first, so that reading it
 * takes no more than the first block. Zstandard's checksum and the end of the archive show whether
 * the file is whole, and the manifest has a hash of everything else.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import {
  type BackedUpFile,
  BackupInvalid,
  type BackupManifest,
  MANIFEST,
  manifestFrom,
  manifestText,
} from '../../core/backups.ts';

const FILE_MODE = 0o600;
const BLOCK = 512;
const MAX_MANIFEST_BYTES = 1_048_576;
/** What the field of a size has room for in octal. */
const MAX_OCTAL_SIZE = 0o77777777777;

/** The size and the hash of a file. */
export async function describeFile(path: string): Promise<BackedUpFile> {
  const hash = createHash('sha256');
  const { size } = await stat(path);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: size, sha256: hash.digest('hex') };
}

/**
 * Writes an archive and waits until it is on the disk.
 * @param folder that contains the files of the manifest
 */
export async function writeArchive(
  path: string,
  folder: string,
  manifest: BackupManifest,
): Promise<void> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const target = createWriteStream(path, { flags: 'wx', mode: FILE_MODE, flush: true });
  await pipeline(Readable.from(partsOf(folder, manifest)), compress, target);
}

async function* partsOf(folder: string, manifest: BackupManifest): AsyncGenerator<Buffer> {
  const text = Buffer.from(manifestText(manifest));
  const seconds = Math.floor(Date.parse(manifest.madeAt) / 1000);
  yield headerOf(MANIFEST, text.length, seconds);
  yield text;
  yield paddingOf(text.length);
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    yield headerOf(name, bytes, seconds);
    yield* createReadStream(join(folder, name)) as AsyncIterable<Buffer>;
    yield paddingOf(bytes);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Format" */
function headerOf(name: string, size: number, seconds: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(FILE_MODE, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size <= MAX_OCTAL_SIZE) {
    header.write(octal(size, 11), 124);
  } else {
    // As GNU tar writes it: the first bit is set, the number is binary.
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(seconds, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

function paddingOf(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/**
 * Reads what a backup says of itself.
 * @throws BackupInvalid; an error of the system
 */
export async function readManifest(path: string): Promise<BackupManifest> {
  return reading(path, (source) => manifestOf(source));
}

/**
 * Unpacks a backup, and compares everything with the hashes in its manifest.
 * @param folder an empty one, for its files
 * @throws BackupInvalid; an error of the system
 */
export async function unpackArchive(path: string, folder: string): Promise<BackupManifest> {
  return reading(path, async (source) => {
    const manifest = await manifestOf(source);
    for (const [name, expected] of Object.entries(manifest.files)) {
      const entry = entryIn(await source.take(BLOCK));
      if (entry?.name !== name || entry.size !== expected.bytes) {
        throw new BackupInvalid(`It does not contain ${name} as its manifest says.`);
      }
      const sha256 = await unpackEntry(source, entry.size, join(folder, name));
      if (sha256 !== expected.sha256) {
        throw new BackupInvalid(`${name} in it was changed: its hash is not that in the manifest.`);
      }
    }
    if (entryIn(await source.take(BLOCK))) throw new BackupInvalid('It contains unknown files.');
    // Also lets the decompressor compare its checksum.
    await source.drain();
    return manifest;
  });
}

async function unpackEntry(source: ByteSource, size: number, path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const chunk of source.pieces(size)) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await source.take(paddingOf(size).length);
  return hash.digest('hex');
}

async function manifestOf(source: ByteSource): Promise<BackupManifest> {
  const entry = entryIn(await source.take(BLOCK));
  if (entry?.name !== MANIFEST || entry.size > MAX_MANIFEST_BYTES) {
    throw new BackupInvalid('It does not begin with a manifest.');
  }
  const text = (await source.take(entry.size)).toString();
  await source.take(paddingOf(entry.size).length);
  return manifestFrom(text);
}

/** @returns undefined for the block at the end */
function entryIn(header: Buffer): { name: string; size: number } | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  if (header.toString('latin1', 257, 262) !== 'ustar') throw new BackupInvalid('It is no backup.');
  const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
  const isBinary = header[124] === 0x80;
  const size = isBinary
    ? Number(header.readBigUInt64BE(128))
    : Number.parseInt(header.toString('latin1', 124, 135), 8);
  return { name, size };
}

/** Reads an archive, and turns what is wrong with its compression into BackupInvalid. */
async function reading<T>(path: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = createReadStream(path);
  const decompress = createZstdDecompress();
  file.once('error', (error) => decompress.destroy(error));
  try {
    return await work(new ByteSource(file.pipe(decompress)));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (/^(Z_|ZSTD_|ERR_)/.test(code)) throw new BackupInvalid(`It is damaged: ${message}.`);
    throw error;
  } finally {
    file.destroy();
    decompress.destroy();
  }
}

/** A stream, of which so many bytes are taken at a time. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** @throws BackupInvalid if there are not that many */
  async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** @throws BackupInvalid if there are not that many */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    for (let missing = count; missing > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  /** Reads to the end. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new BackupInvalid('It ends too early: it was not copied whole.');
    return value;
  }
}
