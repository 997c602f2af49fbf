/**
 * What a search means: every word of it occurs in the text, in any order, ignoring case, and each
 * anywhere within a word. Words of one or two letters have to begin a word, since they occur almost
 * everywhere else. Both databases keep the same index for it (decision 47).
 */

/** The words of a search. */
export interface SearchWords {
  readonly words: readonly string[];
  /** Which groups of letters a text with all of them has; none if the index cannot help. */
  readonly groups: readonly number[];
}

/** Part of a text around its matches. */
export interface Snippet {
  readonly text: string;
  /** Where the words are in it: beginning and end, in UTF-16 code units. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

const MAX_WORDS = 12;
/** Scripts without spaces between words, in which most words have two letters. */
const DENSE = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const RUNS = new RegExp(`[${DENSE}]+|(?:(?![${DENSE}])[\\p{L}\\p{N}])+`, 'gu');
const IS_DENSE = new RegExp(`^[${DENSE}]`, 'u');
const FIRST_DENSE = '⺀';
/** What a group is; groups of each kind are numbered apart. */
const KIND = { start: 1, dense: 2, densePair: 3, three: 4 } as const;
/** A number of a group fits into an integer of two bytes. */
const GROUPS = 65_536;

/** The words of what somebody searches for. */
export function searchWords(search: string): SearchWords {
  const words = [...new Set(search.split(/\s+/u).filter((it) => it !== ''))].slice(0, MAX_WORDS);
  const groups = new Set(words.flatMap((word) => groupsOfWord(fold(word))));
  return { words, groups: [...groups] };
}

/** The groups of letters of a text: those of every search that finds it are among them. */
export function* letterGroups(text: string, groups: Set<number>): Generator<void> {
  // The fold of a part is the part of the fold, so a long text is taken apart at a space.
  for (const part of partsOf(text)) {
    for (const [run] of fold(part).matchAll(RUNS)) addGroups(run, groups);
    yield;
  }
}

/**
 * Whether texts together have all words of a search.
 * @param texts each word may be in any of them
 */
export function hasAllWords(texts: readonly string[], { words }: SearchWords): boolean {
  return words.every((word) => {
    const pattern = patternOf(word, 'iu');
    return texts.some((text) => pattern.test(text));
  });
}

const BEFORE = 48;
const SNIPPET = 180;
/** As much of a long text is looked at as surrounds the first match. */
const AROUND = 2_000;

/** The part of a text with the first match of its words; undefined if it has none of them. */
export function snippetOf(text: string, { words }: SearchWords): Snippet | undefined {
  const byLength = words.toSorted((a, b) => b.length - a.length);
  const found = byLength.map((word) => patternOf(word, 'iu').exec(text)?.index ?? -1);
  const at = found.find((index) => index >= 0);
  if (at === undefined) return undefined;
  const near = text.slice(Math.max(0, at - AROUND), at + AROUND);
  const before = oneLine(text.slice(Math.max(0, at - AROUND), at));
  const whole = before === '' ? oneLine(near).trimStart() : oneLine(near);
  const from = wordStart(whole, before.length - BEFORE, before.length);
  const to = wordEnd(whole, from + SNIPPET);
  const isCutBefore = from > 0 || at > AROUND;
  const isCutAfter = to < whole.trimEnd().length || at + AROUND < text.length;
  const shown = whole.slice(from, to).trim();
  const snippet = `${isCutBefore ? '… ' : ''}${shown}${isCutAfter ? ' …' : ''}`;
  return { text: snippet, ranges: rangesIn(snippet, words) };
}

/** Where words are in a text, in order; those that touch are one. */
export function rangesIn(text: string, words: readonly string[]): [number, number][] {
  const all = words.flatMap((word) =>
    [...text.matchAll(patternOf(word, 'giu'))].map((it): [number, number] => [
      it.index,
      it.index + it[0].length,
    ]),
  );
  const merged: [number, number][] = [];
  for (const [from, to] of all.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ');
}

/** The beginning of the word at an index, if there is a space between it and `last`. */
function wordStart(text: string, index: number, last: number): number {
  if (index <= 0) return 0;
  const space = text.indexOf(' ', index);
  if (space >= 0 && space < last) return space + 1;
  return isLowSurrogate(text, index) ? index - 1 : index;
}

function wordEnd(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const space = text.lastIndexOf(' ', index);
  if (space > index - 30) return space;
  return isLowSurrogate(text, index) ? index - 1 : index;
}

function isLowSurrogate(text: string, index: number): boolean {
  return /[\uDC00-\uDFFF]/.test(text[index] ?? '');
}

/** Case-insensitive, and at the beginning of a word for one or two letters. */
function patternOf(word: string, flags: string): RegExp {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(isShort(fold(word)) ? `(?<![\\p{L}\\p{N}])${literal}` : literal, flags);
}

function isShort(folded: string): boolean {
  return /^[\p{L}\p{N}]{1,2}$/u.test(folded) && !IS_DENSE.test(folded);
}

/**
 * Case folded so that whatever a regular expression with the flags `iu` takes for the same is the
 * same. It does not depend on what surrounds a letter, as `toLowerCase` of a final sigma does.
 */
export function fold(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

const PART = 50_000;

/** A text in parts that end at spaces. One without spaces is one part. */
function* partsOf(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > PART) {
    const space = text.slice(from + PART, from + 2 * PART).search(/\s/);
    const end = space < 0 ? from + 2 * PART : from + PART + space;
    yield text.slice(from, end);
    // Without a space the next part begins before the end of this one.
    from = space < 0 ? end - 8 : end;
  }
  yield text.slice(from);
}

function addGroups(run: string, groups: Set<number>): void {
  const letters = lettersOf(run);
  if (run >= FIRST_DENSE && IS_DENSE.test(run)) {
    for (let at = 0; at < letters.length; at += 1) {
      groups.add(group(KIND.dense, letters.slice(at, at + 1)));
      if (at + 1 < letters.length) groups.add(group(KIND.densePair, letters.slice(at, at + 2)));
    }
    return;
  }
  groups.add(group(KIND.start, letters.slice(0, 1)));
  if (letters.length > 1) groups.add(group(KIND.start, letters.slice(0, 2)));
  for (let at = 0; at + 3 <= letters.length; at += 1) {
    groups.add(group(KIND.three, letters.slice(at, at + 3)));
  }
}

function groupsOfWord(folded: string): number[] {
  if (isShort(folded)) return [group(KIND.start, lettersOf(folded))];
  return [...folded.matchAll(RUNS)].flatMap(([run]) => {
    const letters = lettersOf(run);
    const isDense = IS_DENSE.test(run);
    if (isDense && letters.length === 1) return [group(KIND.dense, letters)];
    const length = isDense ? 2 : 3;
    const kind = isDense ? KIND.densePair : KIND.three;
    const starts = Math.max(0, letters.length - length + 1);
    return Array.from({ length: starts }, (_, at) => group(kind, letters.slice(at, at + length)));
  });
}

/** A string where that is the same, since it is faster. */
function lettersOf(run: string): string | string[] {
  return /[\uD800-\uDFFF]/.test(run) ? Array.from(run) : run;
}

/** FNV-1a, as the number of a group: two may share one, so what is found is compared as text. */
function group(kind: number, letters: string | string[]): number {
  const text = typeof letters === 'string' ? letters : letters.join('');
  let hash = Math.imul(2_166_136_261 ^ kind, 16_777_619);
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  }
  return ((hash ^ (hash >>> 16)) >>> 0) % GROUPS;
}
