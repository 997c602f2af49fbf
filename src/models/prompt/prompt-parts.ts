/** A conversation with its files, as a model is given it: what it cannot read becomes text. */
import type { PromptContext, Turn } from '../../core/conversation.ts';
import type { PromptFile, Reads } from '../../core/files.ts';

/** A piece of a message of the user. */
export type PromptPart = { readonly text: string } | { readonly file: PromptFile };

/** A message as it is sent: text alone, or parts if it has files that the model reads. */
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly PromptPart[];
}

/** The messages of a conversation and the one that follows it. */
export function promptMessages(
  { turns, files = [] }: PromptContext,
  content: string,
  reads: readonly Reads[],
): PromptMessage[] {
  const messages = turns.flatMap((turn): PromptMessage[] => [
    userMessage(turn, reads),
    { role: 'assistant', content: turn.reply },
  ]);
  messages.push(userMessage({ content, files }, reads));
  return messages;
}

/** All files of a conversation that a model is given as they are. */
export function filesGiven(
  { turns, files = [] }: PromptContext,
  reads: readonly Reads[],
): PromptFile[] {
  const all = [...turns.flatMap((turn) => turn.files ?? []), ...files];
  return all.filter((file) => isGiven(file, reads));
}

/** Whether a conversation has any files. */
export function hasFiles({ turns, files = [] }: PromptContext): boolean {
  return files.length > 0 || turns.some((turn) => (turn.files ?? []).length > 0);
}

/** Whether a model is given a file as it is. */
export function isGiven({ kind }: Pick<PromptFile, 'kind'>, reads: readonly Reads[]): boolean {
  return (
    (kind === 'picture' && reads.includes('image')) || (kind === 'pdf' && reads.includes('pdf'))
  );
}

function userMessage(
  { content, files = [] }: Pick<Turn, 'content' | 'files'>,
  reads: readonly Reads[],
): PromptMessage {
  if (files.length === 0) return { role: 'user', content };
  const parts: PromptPart[] = [];
  let text = '';
  const add = (more: string) => {
    if (more.trim() !== '') text += text === '' ? more : `\n\n${more}`;
  };
  for (const file of files) {
    if (!isGiven(file, reads)) {
      add(fileAsText(file));
      continue;
    }
    if (text !== '') parts.push({ text });
    text = '';
    parts.push({ file });
  }
  add(content);
  if (parts.length === 0) return { role: 'user', content: text };
  if (text !== '') parts.push({ text });
  return { role: 'user', content: parts };
}

function fileAsText({ name, kind, text }: PromptFile): string {
  const label = name.replaceAll(/["<>&]/g, '_');
  if (kind === 'picture') return `[The picture "${label}" is not shown to this model.]`;
  if (text.trim() === '') return `[The file "${label}" has no text that this model can read.]`;
  return `<file name="${label}">\n${text}\n</file>`;
}
