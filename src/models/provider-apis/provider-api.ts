/**
 * What metering needs to know about a provider's API: how to read and override the output limit of
 * a request, and where a response has its text and its usage. Everything else is relayed unread.
 */
import type { ProviderKind } from '../../core/deployment.ts';
import type { BlockPiece, ToolCallPiece } from '../../core/tools.ts';
import type { Counts, Usage } from '../../core/usage.ts';
import type { Rule } from '../request-guard/inspection.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a request asks for. */
export interface Wanted {
  /** The most tokens per answer; undefined if the request does not limit them. */
  readonly outputLimit: number | undefined;
  /** How many answers to the same input are requested. */
  readonly answers: number;
  readonly isStream: boolean;
}

/** What one event of a response, or a whole response, contains. */
export interface ParsedChunk {
  /** Text for the reader. */
  readonly text: string;
  /** Output that is not part of the reply, such as reasoning and tool arguments; also charged. */
  readonly nonReplyOutput: string;
  /** Pieces of calls of tools, where they are read. */
  readonly toolCalls?: readonly ToolCallPiece[];
  /** Pieces of all blocks, where a model wants them back. */
  readonly blocks?: readonly BlockPiece[];
  /** Later numbers replace earlier ones. */
  readonly usage: Usage | undefined;
  /** The event contains only usage; clients that did not ask for it do not expect it. */
  readonly isUsageOnly: boolean;
  /** The event tells the client that the response is complete. */
  readonly isEnd: boolean;
  /** An error that the provider reports within a stream. */
  readonly failure: string | undefined;
}

/** What replaces parts of the client's request. */
export interface RequestOverrides {
  readonly model: string;
  readonly outputLimit: number;
  readonly kind: ProviderKind;
  /** The provider's name for the limit, where an API has two names for it. */
  readonly outputLimitName: 'max_tokens' | 'max_completion_tokens';
  /** The limit of calls of tools that the provider runs, if the client has not set one. */
  readonly toolCalls?: number | undefined;
}

/** What a request of an API is billed by that is not billed by its text alone. */
export interface Extent {
  /** The most that it can use of units that are not tokens. */
  readonly most: Counts;
  /** What it has used if its provider does not say. */
  readonly likely: Usage;
  /** The most tokens of input that are not in the body as text. */
  readonly addedInput?: number;
}

/** One of the APIs over which providers serve models. */
export interface ProviderApi {
  /** Whose API it is: only providers of the same family serve it. */
  readonly family: 'openai' | 'anthropic';
  /** Appended to the provider's base URL. */
  readonly path: string;
  /** Whether responses have text to be counted; those of embeddings have only numbers. */
  readonly hasText: boolean;
  /**
   * Measures a request of an API whose answers come whole and are not billed by their text. Their
   * provider bills all of such an answer, so it is waited for even if the client has gone.
   */
  readonly extent?: (body: JsonObject) => Extent;
  /** Whether the texts of a request are read one by one, so that no context window bounds them. */
  readonly readsInPieces?: (body: JsonObject) => boolean;
  /** Whether requests are forms with a file (multipart/form-data) instead of JSON. */
  readonly isForm?: boolean;
  /** Whether answers may be something else than JSON, such as sound: as a whole, or in pieces. */
  readonly hasBytes?: 'whole' | 'pieces';
  /**
   * How often the model is asked again for the calls of tools that its provider runs: at most so
   * often in one request, or as often as `max_tool_calls` says; undefined if nothing limits it.
   */
  readonly toolLoop?: number | 'limited';
  /** What each member of a request can cost; others are refused, or pass by a setting. */
  readonly table: Rule;
  wanted(body: JsonObject): Wanted;
  /**
   * Top-level members to set in the body before it is sent to the provider; those that are
   * undefined are taken out of it.
   */
  overrides(body: JsonObject, to: RequestOverrides): JsonObject;
  /**
   * Reads a whole response.
   * @param likely what the request was measured to use, where the API has an `extent`
   */
  readResponse(response: JsonObject, likely?: Usage): ParsedChunk;
  /** Reads one event of a stream. */
  readEvent(event: JsonObject): ParsedChunk;
  /** The events that end a stream at the limit of its output, in the place of the provider's. */
  endAtLimit?(stream: CutStream): readonly JsonObject[];
}

/** A stream that is ended before its provider has ended it. */
export interface CutStream {
  readonly first: JsonObject;
  /** The last event, apart from `ping`. */
  readonly last: JsonObject;
  /** How many answers were requested. */
  readonly answers: number;
  /** The text that was delivered. */
  readonly text: string;
  /** Our count of all that was delivered. */
  readonly outputTokens: number;
}

export const EMPTY_CHUNK: ParsedChunk = {
  text: '',
  nonReplyOutput: '',
  usage: undefined,
  isUsageOnly: false,
  isEnd: false,
  failure: undefined,
};

/** What OpenAI's APIs have in common whose answers are not text and come whole. */
export const WHOLE_ANSWER = {
  family: 'openai',
  hasText: false,
  wanted: (): Wanted => ({ outputLimit: 0, answers: 1, isStream: false }),
  overrides: (_body: JsonObject, { model }: RequestOverrides): JsonObject => ({ model }),
  readEvent: () => EMPTY_CHUNK,
} as const;

/** A member that is an object, or else an empty object: input may be anything. */
export function objectAt(value: unknown, name?: string): JsonObject {
  const found = name === undefined ? value : isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

/** The objects in a member that is an array; none if it is not one. */
export function objectsAt(value: JsonObject, name: string): JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A member that is a string, or else an empty string. */
export function textAt(value: JsonObject, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text : '';
}

/** A member that is a non-negative integer, or else undefined. */
export function countAt(value: JsonObject, name: string): number | undefined {
  const count = value[name];
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}

/** Whether a member is present; null counts as absent, as it does for providers. */
export function has(value: JsonObject, name: string): boolean {
  return value[name] !== undefined && value[name] !== null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
