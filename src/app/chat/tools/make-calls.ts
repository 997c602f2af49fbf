/** Makes the calls that a model asked for, within the hold of the round that reads the answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rate } from '../../../core/pricing.ts';
import { type CallState, isObjectJson, MOST_CALLS_PER_ROUND } from '../../../core/tools.ts';
import { ToolFailure } from '../../../models/tools/tool.ts';
import type { AskedCall } from '../../../store/chat/tool-loops.ts';
import type { StoredCall } from '../../../store/chat/tool-rounds.ts';
import type { ChatTools } from './chat-tools.ts';

/** So that whoever waits for a model knows that something goes on. */
const SIGN_OF_LIFE_MS = 5_000;
const STOPPED = 'The call was stopped.';

/** How a call ended. */
export interface CallEnd {
  readonly state: CallState;
  readonly result: string;
}

/**
 * What is made of the calls that a model has written: those that cannot be made are refused, and
 * those that its user has to allow wait.
 * @param round counts from 1
 */
export function askedCalls(
  written: readonly { readonly name: string; readonly arguments: string }[],
  round: number,
  tools: ChatTools,
): AskedCall[] {
  return written.map(({ name, arguments: input }, index): AskedCall => {
    const callId = `r${String(round).padStart(2, '0')}c${String(index).padStart(5, '0')}`;
    const { tool } = tools.functions.get(name) ?? {};
    const refusal = refusalOf(name, input, { index, isKnown: tool !== undefined });
    return {
      callId,
      tool: tool?.settings.name ?? '',
      name,
      arguments: input,
      state: refusal ? 'refused' : tool?.settings.approval === 'never' ? 'asked' : 'waiting',
      result: refusal ?? null,
      price: tool?.settings.pricePerCall ?? [0, 1],
    };
  });
}

function refusalOf(
  name: string,
  input: string,
  { index, isKnown }: { readonly index: number; readonly isKnown: boolean },
): string | undefined {
  if (!isKnown) return `There is no tool "${name.slice(0, 100)}".`;
  if (!isObjectJson(input)) return 'The arguments are no JSON object. Write them again.';
  if (index < MOST_CALLS_PER_ROUND) return undefined;
  return `Only ${MOST_CALLS_PER_ROUND} calls are made at once. Ask for this one again.`;
}

/** The calls of one round, made at the same time. */
export class Calls {
  readonly #calls: readonly StoredCall[];
  readonly #tools: ChatTools;
  readonly #onEnd: (call: StoredCall, end: CallEnd) => Promise<void>;
  readonly #answered: Rate[] = [];
  #isClosed = false;
  #made: Promise<unknown> | undefined;

  /** @param onEnd records what became of a call */
  constructor(
    calls: readonly StoredCall[],
    tools: ChatTools,
    onEnd: (call: StoredCall, end: CallEnd) => Promise<void>,
  ) {
    this.#calls = calls;
    this.#tools = tools;
    this.#onEnd = onEnd;
  }

  /** What those cost that will be made. */
  get prices(): readonly Rate[] {
    return this.#toMake.map(({ price }) => price);
  }

  /** What those cost that were answered. One that is answered later is not charged, nor told. */
  close(): readonly Rate[] {
    this.#isClosed = true;
    return this.#answered;
  }

  /**
   * Makes them, once however often it is called; yields from time to time while they are made.
   * @throws the reason of the signal, or an error of the database
   */
  async *make(signal: AbortSignal): AsyncGenerator<void> {
    this.#made ??= Promise.all(this.#toMake.map((call) => this.#make(call, signal)));
    const made = this.#made.then(() => true);
    // Nobody may be left to hear of it.
    made.catch(() => undefined);
    const waited = new AbortController();
    const isOver = AbortSignal.any([waited.signal, signal]);
    try {
      while (!(await Promise.race([made, signOfLife(isOver)]))) {
        signal.throwIfAborted();
        yield;
      }
    } finally {
      waited.abort();
    }
    signal.throwIfAborted();
  }

  get #toMake(): readonly StoredCall[] {
    return this.#calls.filter(({ state }) => state === 'asked');
  }

  async #make(call: StoredCall, signal: AbortSignal): Promise<void> {
    const end = await this.#answerTo(call, signal);
    const isTooLate = end.state === 'done' && this.#isClosed;
    const told: CallEnd = isTooLate ? { state: 'failed', result: STOPPED } : end;
    if (told.state === 'done') this.#answered.push(call.price);
    await this.#onEnd(call, told);
  }

  async #answerTo(call: StoredCall, signal: AbortSignal): Promise<CallEnd> {
    const called = this.#tools.functions.get(call.name);
    if (!called) return { state: 'failed', result: 'The tool is no longer there.' };
    const input = JSON.parse(call.arguments) as Readonly<Record<string, unknown>>;
    try {
      const { text, isError } = await called.tool.call(called.name, input, signal);
      return { state: 'done', result: isError ? `The tool failed: ${text}` : text };
    } catch (error) {
      if (signal.aborted) return { state: 'failed', result: STOPPED };
      if (!(error instanceof ToolFailure)) throw error;
      return { state: 'failed', result: `The tool gave no answer: ${error.message}` };
    }
  }
}

function signOfLife(signal: AbortSignal): Promise<false> {
  return sleep(SIGN_OF_LIFE_MS, false as const, { signal }).catch(() => false as const);
}
