/** What is said in a conversation, as models are asked it. */

/** One turn of it: what the user said and what was answered. */
export interface Turn {
  readonly content: string;
  readonly reply: string;
}

/** What came before the words that are to be answered. */
export interface PromptContext {
  /** How the model is to behave; empty for nothing. */
  readonly systemPrompt: string;
  /** Oldest first. */
  readonly turns: readonly Turn[];
}

export const EMPTY_PROMPT_CONTEXT: PromptContext = { systemPrompt: '', turns: [] };

const TITLE_CHARACTERS = 80;

/** A title from the first words: their first line, cut at a word where it is long. */
export function titleFrom(content: string): string {
  const line = content.trim().split('\n', 1)[0]?.trim() ?? '';
  const characters = [...line];
  if (characters.length <= TITLE_CHARACTERS) return line;
  const cut = characters.slice(0, TITLE_CHARACTERS).join('');
  const atWord = cut.replace(/\s+\S*$/, '');
  return `${atWord === '' ? cut : atWord} …`;
}
