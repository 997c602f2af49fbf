/** Files in composers: chosen, on their way to the server, and ready to be sent. */
import { effect, signal } from '@preact/signals';
import type { ChatFile } from '../../api/types.ts';
import { atSessionEnd, me } from '../../state/account.ts';
import { slotOf } from '../../state/machines/sending.ts';
import { keep, kept } from '../../state/preferences.ts';
import {
  type Attachment,
  readyFiles,
  type UploadState,
  uploadStateOf,
  withFilesBack,
  withoutSent,
} from './machine.ts';

/** The most files of a message; the server says the same. */
export const MOST_FILES = 20;

/** By composer. */
const attachments = signal<Readonly<Record<string, readonly Attachment[]>>>({});
/** The composer whose message is sent once its files are there. */
const waiting = signal<string | undefined>(undefined);
let keys = 0;

atSessionEnd(() => {
  waiting.value = undefined;
  for (const list of Object.values(attachments.value)) for (const it of list) it.stop?.();
  attachments.value = {};
});

// What is uploaded stands in the composer again after a reload; signing out drops all drafts.
effect(() => {
  const user = me.value?.id;
  if (user === undefined) return;
  for (const [slot, list] of Object.entries(attachments.value)) {
    const files = readyFiles(list);
    keep(storageName(user, slot), files.length > 0 ? JSON.stringify(files) : '');
  }
});

/** The files in the composer of a conversation; undefined is the one that does not exist yet. */
export function attachmentsIn(conversation: string | undefined): readonly Attachment[] {
  const slot = slotOf(conversation);
  return attachments.value[slot] ?? restored(slot);
}

/** Whether the files in a composer can be sent. */
export function uploadState(conversation: string | undefined): UploadState {
  return uploadStateOf(attachmentsIn(conversation));
}

/** Whether the message in a composer is sent by itself once its files are there. */
export function isSentOnceUploaded(conversation: string | undefined): boolean {
  return waiting.value === slotOf(conversation);
}

/** Has the message in a composer sent once its files are there, or takes that back. */
export function sendOnceUploaded(conversation: string | undefined, isWanted: boolean): void {
  const slot = slotOf(conversation);
  if (isWanted) waiting.value = slot;
  else if (waiting.value === slot) waiting.value = undefined;
}

/** The files that the next message will have. */
export function filesIn(conversation: string | undefined): ChatFile[] {
  return readyFiles(attachmentsIn(conversation));
}

/** Adds files that were chosen, dropped or pasted; they are uploaded at once. */
export async function attach(
  conversation: string | undefined,
  chosen: readonly File[],
): Promise<void> {
  const room = MOST_FILES - attachmentsIn(conversation).length;
  const added = chosen.slice(0, Math.max(0, room)).map((source): Attachment => {
    keys += 1;
    return { key: keys, name: source.name, size: source.size, source, progress: undefined };
  });
  change(conversation, (list) => [...list, ...added]);
  const { startUploads, tellTooMany } = await import('./upload.ts');
  if (added.length < chosen.length) tellTooMany(MOST_FILES);
  startUploads(added, noteUpload);
}

/** Takes a file out of a composer; its upload is given up. */
export function detach(conversation: string | undefined, { key, stop }: Attachment): void {
  stop?.();
  change(conversation, (list) => list.filter((it) => it.key !== key));
}

/** Notes how an upload goes, wherever its composer is by now. */
export function noteUpload(key: number, changed: Partial<Attachment>): void {
  const entries = Object.entries(attachments.value).map(([slot, list]) => {
    return [slot, list.map((it) => (it.key === key ? { ...it, ...changed } : it))] as const;
  });
  attachments.value = Object.fromEntries(entries);
  const { value: slot } = waiting;
  // Whoever wanted it sent with this file decides anew.
  if (slot !== undefined && uploadStateOf(attachments.value[slot] ?? []) === 'failed') {
    waiting.value = undefined;
  }
}

/** A message with these files leaves its composer. */
export function takeSent(conversation: string | undefined, files: readonly ChatFile[]): void {
  if (files.length > 0) change(conversation, (list) => withoutSent(list, files));
}

/** A message was not accepted: its files are in its composer again. */
export function putFilesBack(conversation: string | undefined, files: readonly ChatFile[]): void {
  if (files.length === 0) return;
  change(conversation, (list) =>
    withFilesBack(list, files, () => {
      keys += 1;
      return keys;
    }),
  );
}

/** A new conversation has become this one; the files in its composer go along. */
export function moveFiles(conversation: string): void {
  const list = attachmentsIn(undefined);
  if (list.length === 0) return;
  if (isSentOnceUploaded(undefined)) waiting.value = slotOf(conversation);
  change(conversation, () => list);
  change(undefined, () => []);
}

function change(
  conversation: string | undefined,
  transition: (list: readonly Attachment[]) => readonly Attachment[],
): void {
  const list = transition(attachmentsIn(conversation));
  attachments.value = { ...attachments.value, [slotOf(conversation)]: list };
}

const known = new Map<string, readonly Attachment[]>();

/** Those that were there before the page was loaded. */
function restored(slot: string): readonly Attachment[] {
  const user = me.value?.id;
  if (user === undefined) return [];
  const name = storageName(user, slot);
  const before = known.get(name);
  if (before) return before;
  let list: readonly Attachment[] = [];
  try {
    list = withFilesBack([], JSON.parse(kept(name) || '[]') as ChatFile[], () => {
      keys += 1;
      return keys;
    });
  } catch {
    // Written by nobody who knows what this is.
  }
  known.set(name, list);
  return list;
}

function storageName(user: number, slot: string): string {
  return `draft.${user}.files.${slot}`;
}
