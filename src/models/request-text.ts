/** What a request in any wire gives a model to read, as far as it can be told without asking. */
import { countTokens } from './count-tokens.ts';
import type { JsonObject } from './provider-apis/provider-api.ts';

/** Members of a body that a model reads. */
const READ = ['system', 'instructions', 'messages', 'input', 'tools', 'prompt'] as const;
/** Members of a body whose last item is what the user says now. */
const SAID = ['messages', 'input', 'prompt'] as const;
/** About what an image costs with the providers that say; files and sounds are taken alike. */
const ATTACHMENT_TOKENS = 1_000;
/** No words in there, and longer than any word. */
const ENCODED = /^(data:[^,]{1,200},|[A-Za-z0-9+/_=-]{1000})/;

/** Counts what a model would read: an estimate, for the hold. */
export async function countInputTokens(body: JsonObject): Promise<number> {
  const texts = READ.flatMap((name) => textsIn(body[name]));
  const words = texts.filter((text) => !ENCODED.test(text));
  const tokens = await countTokens(words.join('\n'));
  return tokens + (texts.length - words.length) * ATTACHMENT_TOKENS;
}

/** The words that a user says with a request, to be kept with the reply. */
export function userTextOf(body: JsonObject): string {
  for (const name of SAID) {
    const said = body[name];
    const last = Array.isArray(said) ? said.at(-1) : said;
    const content = (last as { content?: unknown } | undefined)?.content ?? last;
    const words = textsIn(content, CONTENT_LABELS).filter((text) => !ENCODED.test(text));
    if (words.length > 0) return words.join('\n');
  }
  return '';
}

/** Members whose text names things and says nothing. */
const LABELS = new Set(['type', 'role', 'id', 'tool_call_id', 'tool_use_id', 'media_type']);
const CONTENT_LABELS = new Set([...LABELS, 'detail', 'format']);

/** All text in a value, without recursion: it comes from outside and may be deep. */
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
