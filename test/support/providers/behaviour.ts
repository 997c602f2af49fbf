/** What the emulated providers can be told to do, and the replies that follow from it. */

/** Counts of tokens in neutral terms; each wire turns them into its own. */
export interface TokenCounts {
  /** All input, cached or not. Anthropic's `input_tokens` is this less the two cache counts. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** All output, reasoning too. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Something that goes wrong with an answer that was already begun, or not begun at all. */
export interface Fault {
  readonly kind: /** Says nothing any more and keeps the connection open. */
    | 'hang'
    /** Destroys the socket. */
    | 'cut'
    /** Sends the error event of the wire and ends the stream. */
    | 'error-event'
    /** The same, but on the Responses wire as `response.failed`. */
    | 'failed-event'
    /** Sends an event with half of its JSON in place of the next chunk, and goes on. */
    | 'malformed'
    /** Ends the body in order, but without the events that end a stream. */
    | 'end';
  /**
   * Chunks of the reply that come first, after the events that open a stream; undefined: nothing
   * does, and with `hang` and `cut` not even the status line.
   */
  readonly afterChunks?: number;
  /** What an error event says. */
  readonly message?: string;
}

/** A refusal in place of an answer. */
export interface Refusal {
  readonly status: number;
  /** Value of `Retry-After`: seconds, or an HTTP date. */
  readonly retryAfter?: number | string;
  readonly message?: string;
  /** A page of HTML in place of the provider's JSON, as from a proxy in front of it. */
  readonly isHtml?: boolean;
  /** The body as it is, in place of one that the provider makes of the message. */
  readonly rawBody?: string;
}

/** How requests are answered. Every field may be left out; `{}` is a provider that is well. */
export interface Behaviour {
  /** Length of the reply in words, one token each; 12 by default. */
  readonly words?: number;
  /** The reply in place of the default words, cut into tokens after each space. */
  readonly text?: string;
  /** Writes its whole reply however small the output limit is. */
  readonly ignoresLimit?: boolean;
  readonly refuse?: Refusal;
  readonly fault?: Fault;
  /** Counts in place of the true ones, or none at all; a partial object changes only its counts. */
  readonly usage?: 'omitted' | 'zero' | Partial<TokenCounts>;
  /** Sent wherever the wire has a usage object, as it is, for shapes that no provider promises. */
  readonly rawUsage?: unknown;
  /** The answer as it is, for what providers send and none of them describes. */
  readonly raw?: { readonly type: string; readonly body: string };
  /** Time before the first byte, in milliseconds. */
  readonly headDelayMs?: number;
  /** Time between the events that open a stream and the first chunk, in milliseconds. */
  readonly firstChunkDelayMs?: number;
  /** Time from one chunk to the next, in milliseconds. */
  readonly chunkDelayMs?: number;
  /** Sizes in bytes of the writes that a stream is split into, used in turn. */
  readonly splitBytes?: readonly number[];
  readonly lineEnd?: '\n' | '\r\n';
  /** After each answer the connection is closed, with `Connection: close` or without a word. */
  readonly closes?: 'announced' | 'silently';
}

/** What a request asks of the model, in neutral terms. */
export interface Asked {
  readonly model: string;
  readonly isStream: boolean;
  /** The most tokens to write; undefined if the request sets no limit. */
  readonly outputLimit: number | undefined;
  /** The tool to call; undefined if there is none to call, or it has been called already. */
  readonly tool: { readonly name: string; readonly schema: unknown } | undefined;
  /** The schema that the reply has to fit; undefined for plain text. */
  readonly schema: unknown;
  readonly inputTokens: number;
  /** Whether the stream ends with the usage. */
  readonly includesUsage: boolean;
}

/** What the emulated model answers. */
export interface Reply {
  /** Different for each reply of a process. */
  readonly number: number;
  readonly model: string;
  /** One token each: of the text, or of the arguments of the tool. */
  readonly pieces: readonly string[];
  readonly tool: string | undefined;
  /** Whether the output limit cut it. */
  readonly isCut: boolean;
  /** The counts to report; undefined: none. */
  readonly counts: TokenCounts | undefined;
  readonly rawUsage: unknown;
  readonly includesUsage: boolean;
  readonly outputLimit: number | undefined;
}

const WORDS = [
  'Grüße',
  'aus',
  '東京',
  'und',
  'Zürich',
  '🌍',
  'für',
  'naïve',
  '你好',
  'Ümläute',
  '👩‍🚀',
  'здравствуй',
];
const DEFAULT_WORDS = 12;
const FRAGMENT_CHARACTERS = 4;
const IMAGE_TOKENS = 85;
const IMAGE_TYPES: readonly unknown[] = ['image_url', 'image', 'input_image'];
const TEXT_KEYS: readonly string[] = ['content', 'text', 'output', 'arguments'];

let replies = 0;

/** The reply to a request under a behaviour. */
export function replyTo(asked: Asked, behaviour: Behaviour): Reply {
  const wanted = piecesFor(asked, behaviour);
  const limit = behaviour.ignoresLimit ? undefined : asked.outputLimit;
  const isCut = limit !== undefined && wanted.length > limit;
  const pieces = isCut ? wanted.slice(0, limit) : wanted;
  replies += 1;
  return {
    number: replies,
    model: asked.model,
    pieces,
    tool: asked.tool?.name,
    isCut,
    counts: countsOf(asked.inputTokens, pieces.length, behaviour),
    rawUsage: behaviour.rawUsage,
    includesUsage: asked.includesUsage,
    outputLimit: asked.outputLimit,
  };
}

/** The counts to report for so much input and output; undefined if none are to be reported. */
export function countsOf(
  inputTokens: number,
  outputTokens: number,
  { usage = {} }: Behaviour,
): TokenCounts | undefined {
  if (usage === 'omitted') return undefined;
  const zero = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  if (usage === 'zero') return { ...zero, inputTokens: 0, outputTokens: 0 };
  const reasoned = outputTokens + (usage.reasoningTokens ?? 0);
  return { ...zero, inputTokens, outputTokens: reasoned, ...usage };
}

/** Tokens of the texts in messages: one for each word, and so many for each picture. */
export function countTokens(value: unknown): number {
  if (typeof value === 'string') return value.match(/\S+/g)?.length ?? 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, it) => sum + countTokens(it), 0);
  if (typeof value !== 'object' || value === null) return 0;
  if ('type' in value && IMAGE_TYPES.includes(value.type)) return IMAGE_TOKENS;
  let sum = 0;
  for (const [key, inner] of Object.entries(value)) {
    if (TEXT_KEYS.includes(key)) sum += countTokens(inner);
  }
  return sum;
}

function piecesFor(asked: Asked, behaviour: Behaviour): readonly string[] {
  if (asked.tool) return fragmentsOf(JSON.stringify(sampleOf(asked.tool.schema)));
  if (behaviour.text !== undefined) return behaviour.text.match(/[^ ]* ?/g)?.filter(Boolean) ?? [];
  if (asked.schema !== undefined) return fragmentsOf(JSON.stringify(sampleOf(asked.schema)));
  return defaultPieces(behaviour.words ?? DEFAULT_WORDS);
}

const rememberedPieces = new Map<number, readonly string[]>();

/** Remembered, since a benchmark asks for the same length many thousand times. */
function defaultPieces(count: number): readonly string[] {
  let pieces = rememberedPieces.get(count);
  if (!pieces) {
    pieces = Array.from({ length: count }, (_, index) => {
      const word = WORDS[index % WORDS.length] ?? '';
      return index === 0 ? word : ` ${word}`;
    });
    rememberedPieces.set(count, pieces);
  }
  return pieces;
}

function fragmentsOf(json: string): readonly string[] {
  const characters = [...json];
  const fragments: string[] = [];
  for (let start = 0; start < characters.length; start += FRAGMENT_CHARACTERS) {
    fragments.push(characters.slice(start, start + FRAGMENT_CHARACTERS).join(''));
  }
  return fragments;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A small value that fits a JSON schema of the simple kind. */
function sampleOf(schema: unknown): unknown {
  const { type, enum: choices, items, properties } = (schema ?? {}) as JsonSchema;
  if (choices) return choices[0];
  if (type === 'string') return 'Zürich 🌦 東京';
  if (type === 'number' || type === 'integer') return 7;
  if (type === 'boolean') return true;
  if (type === 'array') return items === undefined ? [] : [sampleOf(items)];
  const entries = Object.entries(properties ?? {});
  return Object.fromEntries(entries.map(([name, inner]) => [name, sampleOf(inner)]));
}
