/** The text that a request sends to a model, whatever its provider API. */

import type { JsonObject } from '../provider-apis/provider-api.ts';
import type { BodyStrings } from '../request-body/body-strings.ts';
import { LABELS } from '../request-body/labels.ts';
import type { FilePart } from './files-in-body.ts';

/** Members of a body that have messages, or are text. */
const MESSAGES = [
  'system',
  'instructions',
  'messages',
  'input',
  'prompt',
  'prediction',
  'query',
  'documents',
] as const;
/** Members that are given to the model as they are, with the names in them. */
const DEFINITIONS = [
  'tools',
  'functions',
  'response_format',
  'text',
  'output_format',
  'output_config',
] as const;
/** Their text is no input if it is as short as such text is. */
const LABEL_NAMES: ReadonlySet<string> = new Set(LABELS);
const LABEL_CHARACTERS = 64;

/** All text that is input of the model, without that of files. */
export function textsInBody(
  body: JsonObject,
  files: readonly FilePart[],
  strings: BodyStrings,
): string[] {
  const noText = new Map<unknown, string>();
  for (const { holder, member, data } of files) {
    if (data !== undefined) noText.set(holder, member);
  }
  const texts: string[] = [];
  for (const name of MESSAGES) addTexts(body[name], { hasNames: false, noText, strings }, texts);
  for (const name of DEFINITIONS) addTexts(body[name], { hasNames: true, noText, strings }, texts);
  return texts;
}

interface TextOptions {
  /** Whether the names of members are text, too, and none of them a label. */
  readonly hasNames: boolean;
  /** Objects in which one member is a file. */
  readonly noText: ReadonlyMap<unknown, string>;
  readonly strings: BodyStrings;
}

/** Adds the text in a value, without recursion: the input is untrusted and may be deeply nested. */
function addTexts(value: unknown, options: TextOptions, texts: string[]): void {
  const { hasNames, noText, strings } = options;
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') texts.push(strings.whole(next));
    else if (Array.isArray(next)) {
      // One by one: a call cannot have as many arguments as a list can have items.
      for (let at = next.length - 1; at >= 0; at -= 1) left.push(next[at]);
    } else if (typeof next === 'object' && next !== null) {
      const file = noText.get(next);
      for (const [name, member] of Object.entries(next).reverse()) {
        if (name === file || (!hasNames && isLabel(name, member))) continue;
        left.push(member);
        if (hasNames) left.push(name);
      }
    }
  }
}

function isLabel(name: string, member: unknown): boolean {
  return LABEL_NAMES.has(name) && typeof member === 'string' && member.length <= LABEL_CHARACTERS;
}
