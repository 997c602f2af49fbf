/** Files in a composer, as pure transitions. */
import type { ChatFile } from '../../api/types.ts';

/** A file in a composer. */
export interface Attachment {
  /** Names it in this tab. */
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** What was chosen, until the page is loaded anew. */
  readonly source?: File | undefined;
  /** How much of it is uploaded, from 0 to 1; undefined before. */
  readonly progress: number | undefined;
  /** Gives the upload up. */
  readonly stop?: (() => void) | undefined;
  /** The file as the server has it. */
  readonly file?: ChatFile | undefined;
  /** Why it is not there, as a sentence. */
  readonly fault?: string | undefined;
}

/** Whether files can be sent: all are there, some are on their way, or one was not taken. */
export type UploadState = 'ready' | 'uploading' | 'failed';

/** Whether the files of a composer can be sent. */
export function uploadStateOf(list: readonly Attachment[]): UploadState {
  const missing = list.filter(({ file }) => file === undefined);
  if (missing.some(({ fault }) => fault !== undefined)) return 'failed';
  return missing.length > 0 ? 'uploading' : 'ready';
}

/** The files that the server has, each once. */
export function readyFiles(list: readonly Attachment[]): ChatFile[] {
  const byId = new Map<string, ChatFile>();
  for (const { file } of list) if (file && !byId.has(file.id)) byId.set(file.id, file);
  return [...byId.values()];
}

/** What stays in a composer when a message is sent. */
export function withoutSent(
  list: readonly Attachment[],
  sent: readonly ChatFile[],
): readonly Attachment[] {
  const ids = new Set(sent.map(({ id }) => id));
  return list.filter(({ file }) => !file || !ids.has(file.id));
}

/** A composer with files that are in it again, before those that were added since. */
export function withFilesBack(
  list: readonly Attachment[],
  files: readonly ChatFile[],
  newKey: () => number,
): readonly Attachment[] {
  const there = new Set(readyFiles(list).map(({ id }) => id));
  const back = files
    .filter(({ id }) => !there.has(id))
    .map((file) => ({ key: newKey(), name: file.name, size: file.size, progress: 1, file }));
  return [...back, ...list];
}
