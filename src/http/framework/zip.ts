/** Zip archives (PKWARE's APPNOTE) that are sent while they are being made. */
import { setImmediate as turn } from 'node:timers/promises';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

/** A file of an archive. */
export interface ZipEntry {
  /** With `/` between folders. */
  readonly path: string;
  /** Whether it is stored as it is, since it would not become smaller. */
  readonly isDense?: boolean;
  readonly pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
}

/** What is compressed at once: about two milliseconds, and then others have their turn. */
const PIECE_BYTES = 65_536;
/** Without Zip64 an archive has at most so many files and bytes; enough, and more is refused. */
const MAX_ENTRIES = 65_000;
const MAX_BYTES = 4_000_000_000;

/**
 * An archive in pieces, made as they are asked for: nothing but the names of its files is kept.
 * @throws Error if it would be larger than the format allows, or an entry fails
 */
export async function* zipped(
  entries: AsyncIterable<ZipEntry>,
  nowMs: number,
): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  let count = 0;
  let bytes = 0;
  for await (const { path, isDense = false, pieces } of entries) {
    count += 1;
    const file = isDense ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 6 });
    file.mtime = nowMs;
    zip.add(file);
    for await (const piece of pieces) {
      const data = typeof piece === 'string' ? Buffer.from(piece) : piece;
      bytes += data.length;
      if (count > MAX_ENTRIES || bytes > MAX_BYTES) throw new Error('The archive is too large.');
      for (let from = 0; from < data.length; from += PIECE_BYTES) {
        file.push(data.subarray(from, from + PIECE_BYTES));
        yield* ready.splice(0);
        await turn();
      }
    }
    file.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  }
  zip.end();
  yield* ready.splice(0);
}
