/** What files are to each model, as the server measures it: for the price of the next message. */
import { signal } from '@preact/signals';
import { call } from '../../api/client.ts';
import type { ChatFile, FileTokens } from '../../api/types.ts';
import { atSessionEnd } from '../../state/account.ts';

type OfModel = FileTokens['models'][number];

/** By the ids of the files together. */
const measured = signal<Readonly<Record<string, readonly OfModel[]>>>({});
const asked = new Set<string>();

atSessionEnd(() => {
  measured.value = {};
  asked.clear();
});

/** What some files are to a model together; undefined while it is not known. */
export function tokensFor(
  files: readonly ChatFile[],
  model: string | undefined,
): OfModel | undefined {
  if (files.length === 0) return undefined;
  const ids = [...new Set(files.map(({ id }) => id))].toSorted();
  const key = ids.join();
  const known = measured.value[key];
  if (!known && !asked.has(key)) void ask(key, ids);
  return known?.find((it) => it.model === model);
}

/** The first of some files that a model cannot be given. */
export function unreadIn(
  files: readonly ChatFile[],
  model: string | undefined,
): ChatFile | undefined {
  const unread = tokensFor(files, model)?.unread ?? [];
  return files.find(({ id }) => unread.includes(id));
}

async function ask(key: string, files: readonly string[]): Promise<void> {
  asked.add(key);
  try {
    const { models } = await call<FileTokens>('POST', '/api/files/tokens/', { files });
    measured.value = { ...measured.value, [key]: models };
  } catch {
    // The price is without them then; what is held is right in any case.
  }
}
