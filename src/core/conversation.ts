/** A conversation, as models are asked to continue it. */

import type { PromptFile } from './files.ts';

/** One turn: a message of the user and the reply. */
export interface Turn {
  readonly content: string;
  readonly files?: readonly PromptFile[] | undefined;
  readonly reply: string;
}

/** What comes before the message to answer. */
export interface PromptContext {
  /** Instructions for the model; empty for none. */
  readonly systemPrompt: string;
  /** Oldest first. */
  readonly turns: readonly Turn[];
  /** The files of the message to answer. */
  readonly files?: readonly PromptFile[] | undefined;
}

export const EMPTY_PROMPT_CONTEXT: PromptContext = { systemPrompt: '', turns: [] };

/**
 * The longest conversation that models are asked to continue, in UTF-16 code units: about a million
 * tokens of English, which is as much as any model takes.
 */
export const CONVERSATION_LIMIT_CHARACTERS = 4_000_000;

const TITLE_CHARACTERS = 80;

/** A title from the first message: its first line, cut between words if it is long. */
export function titleFrom(content: string): string {
  const line = content.trim().split('\n', 1)[0]?.trim() ?? '';
  const characters = [...line];
  if (characters.length <= TITLE_CHARACTERS) return line;
  const cut = characters.slice(0, TITLE_CHARACTERS).join('');
  const atWord = cut.replace(/\s+\S*$/, '');
  return `${atWord === '' ? cut : atWord} …`;
}
