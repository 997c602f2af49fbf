/** The text in a request, for any provider API, as far as it can be known without asking. */
import { isEncodedData } from '../core/encoded-data.ts';
import { countTokens, INPUT_COUNT_LIMIT_MS } from './count-tokens.ts';
import type { JsonObject } from './provider-apis/provider-api.ts';

/** Members of a body that are input of the model. */
const INPUT_MEMBERS = ['system', 'instructions', 'messages', 'input', 'tools', 'prompt'] as const;
/** Members of a body whose last item is the current message. */
const MESSAGE_MEMBERS = ['messages', 'input', 'prompt'] as const;
/** About what providers count for an image; files and audio are estimated alike. */
const ATTACHMENT_TOKENS = 1_000;
/** How much of a message is kept with its reply: the client has all of it. */
const MAX_KEPT_CHARACTERS = 16_384;
const CUT_MARK = ' […]';

/** What a request sends to a model. */
export interface RequestInput {
  readonly words: string;
  /** How many images, documents and the like. */
  readonly attachments: number;
}

/** What a request sends to a model, whatever its provider API. */
export function inputOf(body: JsonObject): RequestInput {
  const texts = INPUT_MEMBERS.flatMap((name) => textsIn(body[name]));
  const words = texts.filter((text) => !isEncodedData(text));
  return { words: words.join('\n'), attachments: texts.length - words.length };
}

/**
 * Estimates the input tokens of a request, for the quote.
 * @throws ChitError `server_busy` if that takes too long
 */
export async function countInputTokens({ words, attachments }: RequestInput): Promise<number> {
  const tokens = await countTokens(words, { limitMs: INPUT_COUNT_LIMIT_MS });
  return tokens + attachments * ATTACHMENT_TOKENS;
}

/** The text of the current message, to be stored with the reply; a long one is cut and marked. */
export function userTextOf(body: JsonObject): string {
  for (const name of MESSAGE_MEMBERS) {
    const member = body[name];
    const last = Array.isArray(member) ? member.at(-1) : member;
    const content = (last as { content?: unknown } | undefined)?.content ?? last;
    const words = textsIn(content, CONTENT_LABELS).filter((text) => !isEncodedData(text));
    if (words.length > 0) return shortened(words.join('\n'));
  }
  return '';
}

function shortened(text: string): string {
  if (text.length <= MAX_KEPT_CHARACTERS) return text;
  const kept = text.slice(0, MAX_KEPT_CHARACTERS - CUT_MARK.length);
  // Copied, since a slice would keep the whole text in memory; and perhaps cut within a pair.
  return Buffer.from(kept.toWellFormed()).toString('utf8') + CUT_MARK;
}

/** Members whose text is an identifier. */
const LABELS = new Set(['type', 'role', 'id', 'tool_call_id', 'tool_use_id', 'media_type']);
const CONTENT_LABELS = new Set([...LABELS, 'detail', 'format']);

/** All text in a value, without recursion: the input is untrusted and may be deeply nested. */
function textsIn(value: unknown, labels: ReadonlySet<string> = LABELS): string[] {
  const texts: string[] = [];
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') texts.push(next);
    else if (Array.isArray(next)) {
      // One by one: a call cannot have as many arguments as a list can have items.
      for (let at = next.length - 1; at >= 0; at -= 1) left.push(next[at]);
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next).reverse()) {
        if (!labels.has(name)) left.push(member);
      }
    }
  }
  return texts;
}
