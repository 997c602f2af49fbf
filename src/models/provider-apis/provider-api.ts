/**
 * What metering needs to know of an API that models are asked by: how much output a request wants,
 * how to cut that, and where an answer says what it used and what it delivered. Everything else
 * passes unread.
 */
import type { Usage } from '../../core/usage.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a request asks for. */
export interface Wanted {
  /** The most tokens that each answer may have; undefined if the request does not say. */
  readonly outputLimit: number | undefined;
  /** How many answers it wants to the same input. */
  readonly answers: number;
  readonly isStream: boolean;
}

/** What a piece of an answer, or a whole one, says. */
export interface ParsedChunk {
  /** Text for the reader. */
  readonly text: string;
  /** What was written besides, such as thoughts and arguments of tools. It costs as well. */
  readonly nonReplyOutput: string;
  /** Later numbers replace earlier ones. */
  readonly usage: Usage | undefined;
  /** The event is there for its usage alone; who did not ask for it does not expect it. */
  readonly isUsageOnly: boolean;
  /** The provider reports in the middle of a stream that it failed. */
  readonly failure: string | undefined;
}

/** What a request is to ask for in place of what it asked for. */
export interface RequestOverrides {
  readonly model: string;
  readonly outputLimit: number;
  /** What the provider calls the limit, where a wire has two names for it. */
  readonly outputLimitName: 'max_tokens' | 'max_completion_tokens';
}

/** An API by which models are asked. */
export interface ProviderApi {
  /** Whose wire it is: a provider that speaks the other one cannot be asked. */
  readonly speaker: 'openai' | 'anthropic';
  /** Below the provider's base URL. */
  readonly path: string;
  /** Whether its answers have text; those of embeddings have numbers only. */
  readonly hasText: boolean;
  wanted(body: JsonObject): Wanted;
  /** Top-level members of the body to set before it goes to a provider. */
  overrides(body: JsonObject, to: RequestOverrides): JsonObject;
  /** Reads a whole answer. */
  readAnswer(answer: JsonObject): ParsedChunk;
  /** Reads one event of a stream. */
  readEvent(event: JsonObject): ParsedChunk;
}

export const EMPTY_CHUNK: ParsedChunk = {
  text: '',
  nonReplyOutput: '',
  usage: undefined,
  isUsageOnly: false,
  failure: undefined,
};

/** A member that is an object, or an empty one: what comes from outside may be anything. */
export function objectAt(value: unknown, name?: string): JsonObject {
  const found = name === undefined ? value : isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

/** The objects in a member that is a list; none if it is none. */
export function objectsAt(value: JsonObject, name: string): JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A member that is text, or an empty one. */
export function textAt(value: JsonObject, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text : '';
}

/** A whole number from 0 up, or undefined. */
export function countAt(value: JsonObject, name: string): number | undefined {
  const count = value[name];
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}

/** Whether a member is there with a value; null counts as absent, as providers have it. */
export function has(value: JsonObject, name: string): boolean {
  return value[name] !== undefined && value[name] !== null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
