/** The words of a request that are stored with its reply. */
import { lengthBeforeMark } from '../../core/json-bytes.ts';
import type { JsonObject } from '../provider-apis/provider-api.ts';
import { LABELS } from './labels.ts';

/** Members of a body whose last item is the current message. */
const MESSAGE_MEMBERS = ['messages', 'input', 'prompt', 'query'] as const;
/** Members of a message that are no words: what identifies it, and where files stand. */
const NO_WORDS: ReadonlySet<string> = new Set([
  ...LABELS,
  'cache_control',
  'image_url',
  'input_audio',
  'audio_url',
  'video_url',
  'images',
  'file',
  'file_data',
  'file_url',
  'file_id',
  'filename',
]);
/** How much of a message is kept with its reply: the client has all of it. */
const MAX_KEPT_CHARACTERS = 16_384;
const CUT_MARK = ' […]';

/** The text of the current message, to be stored with the reply; a long one is cut and marked. */
export function userTextOf(body: JsonObject): string {
  for (const name of MESSAGE_MEMBERS) {
    const member = body[name];
    const last = Array.isArray(member) ? member.at(-1) : member;
    const content = (last as { content?: unknown } | undefined)?.content ?? last;
    const words = wordsIn(content);
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

/** All words in a value, without recursion: the input is untrusted and may be deeply nested. */
function wordsIn(value: unknown): string[] {
  const words: string[] = [];
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') words.push(parsedOf(next));
    else if (Array.isArray(next)) {
      // One by one: a call cannot have as many arguments as a list can have items.
      for (let at = next.length - 1; at >= 0; at -= 1) left.push(next[at]);
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next).reverse()) {
        if (!NO_WORDS.has(name) && !isFileSource(name, member)) left.push(member);
      }
    }
  }
  return words;
}

/** Whether a member is where Anthropic's Messages have a file; documents may be text as well. */
function isFileSource(name: string, member: unknown): boolean {
  if (name !== 'source') return false;
  const type = (member as { type?: unknown } | null)?.type;
  return type === 'base64' || type === 'url' || type === 'file';
}

/** A long text may have been parsed in part. */
function parsedOf(text: string): string {
  const length = lengthBeforeMark(text);
  return length === undefined ? text : text.slice(0, length) + CUT_MARK;
}
