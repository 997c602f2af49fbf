/** The text in a request, for any provider API, as far as it can be known without asking. */
import { countTokens } from './count-tokens.ts';
import type { JsonObject } from './provider-apis/provider-api.ts';

/** Members of a body that are input of the model. */
const INPUT_MEMBERS = ['system', 'instructions', 'messages', 'input', 'tools', 'prompt'] as const;
/** Members of a body whose last item is the current message. */
const MESSAGE_MEMBERS = ['messages', 'input', 'prompt'] as const;
/** About what providers count for an image; files and audio are estimated alike. */
const ATTACHMENT_TOKENS = 1_000;
/** Encoded data: it has no words, and is longer than any word. */
const ENCODED = /^(data:[^,]{1,200},|[A-Za-z0-9+/_=-]{1000})/;

/** Estimates the input tokens of a request, for the quote. */
export async function countInputTokens(body: JsonObject): Promise<number> {
  const texts = INPUT_MEMBERS.flatMap((name) => textsIn(body[name]));
  const words = texts.filter((text) => !ENCODED.test(text));
  const tokens = await countTokens(words.join('\n'));
  return tokens + (texts.length - words.length) * ATTACHMENT_TOKENS;
}

/** The text of the current message, to be stored with the reply. */
export function userTextOf(body: JsonObject): string {
  for (const name of MESSAGE_MEMBERS) {
    const member = body[name];
    const last = Array.isArray(member) ? member.at(-1) : member;
    const content = (last as { content?: unknown } | undefined)?.content ?? last;
    const words = textsIn(content, CONTENT_LABELS).filter((text) => !ENCODED.test(text));
    if (words.length > 0) return words.join('\n');
  }
  return '';
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
    else if (Array.isArray(next)) left.push(...next.toReversed());
    else if (typeof next === 'object' && next !== null) {
      const members = Object.entries(next).filter(([name]) => !labels.has(name));
      left.push(...members.map(([, member]) => member).toReversed());
    }
  }
  return texts;
}
