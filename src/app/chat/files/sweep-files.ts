import { UNSENT_FILE_MS } from '../../../core/files.ts';
import type { Context } from '../../context.ts';
import { firstIdAt } from '../../ids.ts';

/**
 * Deletes files that were uploaded an hour ago and never sent, also those that a server left behind
 * that died, and the content of all that are deleted; in small steps. Several servers may do it at
 * the same time.
 */
export async function sweepFiles(
  { files, now, eraseRemains }: Pick<Context, 'files' | 'now' | 'eraseRemains'>,
  isStopping: () => boolean = () => false,
): Promise<void> {
  const beforeMs = now() - UNSENT_FILE_MS;
  const beforeId = firstIdAt(beforeMs);
  while (!isStopping() && (await files.sweep(beforeMs, beforeId, now())) > 0) await nextTurn();
  let deleted = 0;
  for (;;) {
    const some = isStopping() ? 0 : await files.deleteSome();
    if (some === 0) break;
    deleted += some;
    await nextTurn();
  }
  if (deleted > 0) await eraseRemains();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
