/** A pasted list of users and tokens. */

/** Somebody, and what they get or lose. */
export interface PastedShare {
  readonly username: string;
  readonly tokens: number;
}

/** Reads a list, a user a line; the first line that says nothing sensible, if there is one. */
export function readPasted(text: string): {
  shares: PastedShare[];
  faultyLine: number | undefined;
} {
  const shares: PastedShare[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, username, tokens] = /^\s*(.*?\S)[\s,;]+([+-]?\d+)\s*$/.exec(line) ?? [];
    if (username === undefined) return { shares, faultyLine: index + 1 };
    shares.push({ username: username.replace(/[,;]$/, ''), tokens: Number(tokens) });
  }
  return { shares, faultyLine: undefined };
}

/** The same list with another number of tokens for everybody. */
export function withTokens(text: string, tokens: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${line.replace(/[\s,;]+[+-]?\d*\s*$/, '').trim()} ${tokens}`)
    .join('\n');
}
