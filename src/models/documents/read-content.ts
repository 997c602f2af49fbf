import { FILE_TEXT_BYTES } from '../../core/files.ts';
import { UnreadableDocument } from './document-limits.ts';
import type { DocumentReader } from './document-reader.ts';
import { type FoundKind, kindOf } from './file-kind.ts';

/** What was found in a file. */
export interface FileContent extends FoundKind {
  readonly pages?: number | undefined;
}

/**
 * Tells what a file is and reads its text, documents in a thread.
 * @throws UnreadableDocument; ChitError `server_busy`
 */
export async function readContent(bytes: Buffer, reader: DocumentReader): Promise<FileContent> {
  if (bytes.length === 0) throw new UnreadableDocument('empty');
  const found = kindOf(bytes, FILE_TEXT_BYTES);
  if (typeof found === 'string') throw new UnreadableDocument(found);
  const { kind } = found;
  if (kind === 'picture' || kind === 'text') return found;
  return { kind, ...(await reader.read(kind, bytes)) };
}
