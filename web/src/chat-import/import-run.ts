/** An import: a file is read, then its chats are sent bit by bit. It can be stopped and go on. */
import { call } from '../api/client.ts';
import type { ImportedChat, LeftOut, ReadFault, Source } from './chats.ts';
import type { ChatOverview, FromReader, ToReader } from './reader-messages.ts';

/** What is in a file, and what of it is here already. */
export interface Found {
  readonly source: Source;
  readonly chats: readonly ChatOverview[];
  readonly leftOut: LeftOut;
  /** Ids of chats that were imported before. */
  readonly known: readonly string[];
}

/** How far it is. */
export interface Progress {
  /** Messages that were sent. */
  readonly sent: number;
  readonly added: number;
  readonly known: number;
}

/** A file that cannot be imported. */
export class FileFault extends Error {
  readonly fault: ReadFault;

  constructor(fault: ReadFault) {
    super(fault);
    this.fault = fault;
  }
}

const IDS_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;

/** The worker that reads a file, and what it was asked. */
export class ImportRun {
  readonly #worker = new Worker(new URL('./reader-worker.ts', import.meta.url), {
    type: 'module',
  });
  #source: Source | undefined;

  /** @throws FileFault, ApiError, Unreachable */
  async read(file: Blob): Promise<Found> {
    const answer = await this.#ask({ kind: 'read', file });
    if (answer.kind === 'failed') throw new FileFault(answer.fault);
    if (answer.kind !== 'read') throw new FileFault('damaged');
    const { source, chats, leftOut } = answer;
    this.#source = source;
    const known: string[] = [];
    for (let from = 0; from < chats.length; from += IDS_AT_ONCE) {
      const ids = chats.slice(from, from + IDS_AT_ONCE).map(({ id }) => id);
      const body = { source, ids };
      const found = await call<{ known: string[] }>(
        'POST',
        '/api/conversations/import/known/',
        body,
      );
      known.push(...found.known);
    }
    return { source, chats, leftOut, known };
  }

  /**
   * Sends the chats, from the beginning: what is there already is not added again.
   * @param isStopped asked before each request
   * @throws ApiError, Unreachable
   */
  async send(
    without: readonly string[],
    isStopped: () => boolean,
    onProgress: (progress: Progress) => void,
  ): Promise<'done' | 'stopped'> {
    let progress: Progress = { sent: 0, added: 0, known: 0 };
    let chats = await this.#batch({ kind: 'begin', without });
    while (chats.length > 0) {
      if (isStopped()) return 'stopped';
      const body = { source: this.#source, chats };
      const done = await call<{ added: number; known: number }>(
        'POST',
        '/api/conversations/import/',
        body,
      );
      const count = chats.reduce((sum, { messages }) => sum + messages.length, 0);
      progress = {
        sent: progress.sent + count,
        added: progress.added + done.added,
        known: progress.known + done.known,
      };
      onProgress(progress);
      chats = await this.#batch({ kind: 'next' });
    }
    return 'done';
  }

  close(): void {
    this.#worker.terminate();
  }

  async #batch(message: ToReader): Promise<readonly ImportedChat[]> {
    const answer = await this.#ask(message);
    return answer.kind === 'batch' ? answer.chats : [];
  }

  #ask(message: ToReader): Promise<FromReader> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FromReader>) => resolve(data);
      // Such as a file that is more than the browser has memory for.
      this.#worker.onerror = () => resolve({ kind: 'failed', fault: 'too_large' });
      this.#worker.postMessage(message);
    });
  }
}

/** Ids of chats that the site would delete at once. @param keptDays null for ever */
export function tooOldAmong(
  chats: readonly ChatOverview[],
  keptDays: number | null | undefined,
): string[] {
  if (keptDays == null) return [];
  const oldestMs = Date.now() - keptDays * DAY_MS;
  return chats.filter(({ updatedMs }) => updatedMs < oldestMs).map(({ id }) => id);
}
