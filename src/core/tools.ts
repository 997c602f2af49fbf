/** Tools that a model may call in a chat of the page: what they are, and what was made of calls. */
import type { Rate } from './pricing.ts';

/** A tool as a model is told of it. */
export interface ToolDefinition {
  /** Letters, digits, `_` and `-`; at most 64. */
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a model asks of a tool. */
export interface ToolCall {
  /** Nine letters and digits, as every provider takes them. */
  readonly id: string;
  readonly name: string;
  /** JSON of an object. */
  readonly arguments: string;
}

/** What a model wrote in one round, and what its tools answered. */
export interface ToolRound {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** The answer to each call, in the same order. */
  readonly results: readonly string[];
  /** All that the model wrote, where it wants that back unchanged to think on. */
  readonly written?: WrittenBlocks | undefined;
}

/** A block of a response; of a call only its place. */
export type WrittenBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use' };

/** What a model wrote that thinks, with thoughts that only it can read. */
export interface WrittenBlocks {
  /** As its provider calls it. */
  readonly model: string;
  readonly blocks: readonly WrittenBlock[];
}

/** A piece of a block in a stream. */
export interface BlockPiece {
  /** Which block of the response it belongs to. */
  readonly index: number;
  /** With the first piece. */
  readonly type?: WrittenBlock['type'];
  readonly text: string;
  readonly signature: string;
}

/** What a model is told of tools beside the conversation. */
export interface ToolPrompt {
  readonly definitions: readonly ToolDefinition[];
  /** The rounds before this one, of the same message. */
  readonly rounds: readonly ToolRound[];
  /** Whether it may call any in this round; in the last one it has to answer. */
  readonly mayCall: boolean;
}

/** A piece of a call in a stream. */
export interface ToolCallPiece {
  /** Which call of the response it belongs to. */
  readonly index: number;
  /** The provider's id, with the first piece. */
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/**
 * What became of a call:
 * - `asked`: the model has asked for it, and it may be made.
 * - `waiting`: its user has to allow it.
 * - `denied`: its user did not.
 * - `done`: the tool has answered, which is charged for.
 * - `failed`: the tool could not be reached, or gave no answer.
 * - `refused`: it was not made, since there is no such tool or the arguments are no JSON.
 */
export const CALL_STATES = ['asked', 'waiting', 'denied', 'done', 'failed', 'refused'] as const;
export type CallState = (typeof CALL_STATES)[number];

/** Of the rounds of a message: a model or its tools are at work, its user is asked, all is over. */
export type LoopState = 'running' | 'waiting' | 'ended';

/** A server of tools, or a search of the web, as `chit.json` has it. */
export interface ToolSettings {
  readonly name: string;
  /** How it is spoken to: MCP over streamable HTTP, or the JSON of a search engine. */
  readonly kind: 'mcp' | 'searxng' | 'brave';
  readonly url: string;
  /** Secrets included. */
  readonly headers: Readonly<Record<string, string>>;
  /** Credits for each call. */
  readonly pricePerCall: Rate;
  readonly allow: 'everyone' | 'staff' | readonly string[];
  /** Whether a user is asked before each call. */
  readonly approval: 'each' | 'never';
  /** The names of the only tools of the server to offer; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Whether it may be on a private network. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

/** How often a model is asked for one message, at most, where `chit.json` does not say. */
export const DEFAULT_TOOL_ROUNDS = 8;
/** More calls in one round are refused. */
export const MOST_CALLS_PER_ROUND = 8;
/** An answer of a tool is cut there, in bytes of UTF-8. */
export const MOST_RESULT_BYTES = 32_768;
/** How long a user may think about a call. */
export const APPROVAL_MS = 10 * 60_000;

/** The text of all rounds as one reply, or their thinking: that of each begins a paragraph. */
export function joinedTexts(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** Whether a text is JSON of an object. */
export function isObjectJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
