/**
 * The rounds of one message: the model writes and asks for calls, each round is charged, its calls
 * are made within the hold of the next one, and so on until the model has nothing more to ask.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Credits } from '../../../core/credits.ts';
import { ChitError, type ErrorCode } from '../../../core/errors.ts';
import type { ReplyFailure } from '../../../core/reply-failure.ts';
import {
  APPROVAL_MS,
  joinedTexts,
  type ToolPrompt,
  type ToolRound,
  type WrittenBlocks,
} from '../../../core/tools.ts';
import type { Delta, GenerateRequest, Model } from '../../../models/catalogue.ts';
import { measureWithTools } from '../../../models/input-measure/measure-with-tools.ts';
import { replyOf } from '../../../models/split-thinking.ts';
import { ToolCallCollector } from '../../../models/tools/tool-messages.ts';
import { BlockCollector } from '../../../models/tools/written-blocks.ts';
import type { NewLoop, StoredLoop } from '../../../store/chat/tool-loops.ts';
import type { StoredCall } from '../../../store/chat/tool-rounds.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../ids.ts';
import type { RunningGeneration } from '../../metering/generation-registry.ts';
import type { GenerationRequest } from '../../metering/generation-request.ts';
import { type MeteredReply, meter } from '../../metering/meter.ts';
import type { GenerationWatch } from '../../operations/observations.ts';
import type { ChatTools } from './chat-tools.ts';
import { askedCalls, Calls } from './make-calls.ts';

const END_AGAIN_MS = 1_000;

/** What the rounds of a message have in common. */
export interface ToolRunSetup extends Pick<NewLoop, 'conversationId' | 'payer' | 'mostCredits'> {
  /** The message as it would be sent without tools. */
  readonly plain: GenerationRequest;
  readonly tools: ChatTools;
  readonly rounds: number;
  /** Those who are told of each generation. */
  readonly newWatch: (() => GenerationWatch) | undefined;
}

/** What there was before a server took over. */
interface Begun {
  readonly messageId: string;
  readonly round: number;
  readonly texts: readonly string[];
  readonly thoughts: readonly string[];
  readonly written: readonly (WrittenBlocks | undefined)[];
  readonly chargedCredits: Credits;
  /** Of all rounds. */
  readonly calls: readonly StoredCall[];
}

/** Errors of a round that say that it cannot be paid. */
const UNPAID: readonly ErrorCode[] = [
  'insufficient_credits',
  'budget_exceeded',
  'api_key_budget_exceeded',
  'balance_in_use',
];

/** The rounds of one message, on the server that runs them. */
export class ToolRun {
  readonly #context: Context;
  readonly #setup: ToolRunSetup;
  #messageId = '';
  /** The number of the latest round, from 1. */
  #round = 1;
  #texts: string[] = [];
  /** What the model thought in each round. */
  #thoughts: string[] = [];
  /** What the model wants back of each round. */
  #written: (WrittenBlocks | undefined)[] = [];
  #chargedCredits = 0;
  #calls: StoredCall[] = [];
  #live: RunningGeneration | undefined;

  constructor(context: Context, setup: ToolRunSetup, begun?: Begun) {
    this.#context = context;
    this.#setup = setup;
    if (!begun) return;
    this.#messageId = begun.messageId;
    this.#round = begun.round;
    this.#texts = [...begun.texts];
    this.#thoughts = [...begun.thoughts];
    this.#written = [...begun.written];
    this.#chargedCredits = begun.chargedCredits;
    this.#calls = [...begun.calls];
  }

  /** The rounds of a message whose user has allowed its calls, or not. */
  static resumed(context: Context, setup: ToolRunSetup, loop: StoredLoop): ToolRun {
    const { messageId, roundsBegun, thoughts, calls } = loop;
    return new ToolRun(context, setup, {
      messageId,
      round: roundsBegun.length,
      texts: roundsBegun.map(({ text }) => text),
      thoughts,
      written: roundsBegun.map(({ written }) => written),
      chargedCredits: roundsBegun.reduce((sum, it) => sum + it.chargedCredits, 0),
      calls,
    });
  }

  /** What is asked first. Once it has ended, `goOn` does the rest. */
  firstRequest(): GenerationRequest {
    const { plain, mostCredits } = this.#setup;
    return this.#requestFor(undefined, {
      ...plain,
      mostCredits,
      onHeld: ({ id }) => {
        this.#messageId = id;
      },
    });
  }

  /** Goes on after the first round. Never rejects. */
  async goOn(first: MeteredReply): Promise<void> {
    this.#note(first);
    // Most messages need no tool.
    if (this.#calls.length === 0) return;
    await this.#run(() => this.#afterRound(first));
  }

  /** Ends the message if its first round could not be booked. Never rejects. */
  async giveUp(): Promise<void> {
    if (this.#calls.length > 0) await this.#run(async () => 'tools_broke_off');
  }

  /** Goes on once the calls of the latest round may be made. Never rejects. */
  async resume(): Promise<void> {
    await this.#run(() => this.#nextRounds());
  }

  /** Runs it with a generation under the id of the message, which readers follow and can stop. */
  async #run(work: () => Promise<ReplyFailure | 'complete' | 'left'>): Promise<void> {
    const { generations } = this.#context;
    const { accountId } = this.#setup.plain;
    const id = this.#messageId;
    const live = generations.start({ id, accountId, payerId: undefined, apiKeyId: undefined });
    live.add(joinedTexts(this.#texts), joinedTexts(this.#thoughts));
    this.#live = live;
    try {
      const end = await work().catch((): ReplyFailure => 'tools_broke_off');
      if (end !== 'left') await this.#end(end === 'complete' ? undefined : end);
    } finally {
      generations.end(live);
    }
  }

  async #nextRounds(): Promise<ReplyFailure | 'complete' | 'left'> {
    for (;;) {
      const { signal } = this.#running;
      if (signal.aborted) return signal.reason === 'server_lost' ? 'server_lost' : 'stopped';
      const calls = this.#callsOf(this.#round);
      const generationId = newId();
      const begun = await this.#context.toolLoops.beginRound({
        messageId: this.#messageId,
        number: this.#round + 1,
        generationId,
        leaseId: this.#context.lease.id,
      });
      if (!begun) return this.#whyNot();
      this.#round += 1;
      const result = await this.#runRound(generationId, calls).catch(failureOf);
      if (typeof result === 'string') return result;
      this.#note(result);
      const next = await this.#afterRoundEnded(result);
      if (next !== 'next') return next;
    }
  }

  async #afterRound(reply: MeteredReply): Promise<ReplyFailure | 'complete' | 'left'> {
    const next = await this.#afterRoundEnded(reply);
    return next === 'next' ? this.#nextRounds() : next;
  }

  /** What follows a round that has ended. */
  async #afterRoundEnded(
    reply: MeteredReply,
  ): Promise<ReplyFailure | 'complete' | 'left' | 'next'> {
    this.#running.note();
    if (reply.end === 'released') return failureOfRelease(reply);
    if (reply.failure) return failureOfReply(reply, this.#round);
    const calls = this.#callsOf(this.#round);
    if (calls.length === 0) return 'complete';
    if (!calls.some(({ state }) => state === 'waiting')) return 'next';
    const { toolLoops, lease, now } = this.#context;
    const isWaiting = await toolLoops.waitForUser({
      messageId: this.#messageId,
      leaseId: lease.id,
      untilMs: now() + APPROVAL_MS,
    });
    return isWaiting ? 'left' : this.#whyNot();
  }

  /** Why a loop that is no longer this server's, or is to stop, does not go on. */
  async #whyNot(): Promise<ReplyFailure | 'left'> {
    const { toolLoops, lease } = this.#context;
    return (await toolLoops.isRunBy(this.#messageId, lease.id)) ? 'stopped' : 'left';
  }

  async #runRound(generationId: string, stored: readonly StoredCall[]): Promise<MeteredReply> {
    const { plain, mostCredits, newWatch } = this.#setup;
    const live = this.#running;
    const { signal } = live;
    const text = new ParagraphOf(live.text);
    const thinking = new ParagraphOf(live.nonReplyOutput);
    const calls = this.#callsToMake(stored);
    const metered = await meter(
      this.#context,
      this.#requestFor(calls, {
        ...plain,
        content: '',
        parentId: this.#messageId,
        generationId,
        idempotency: undefined,
        calls: calls.prices,
        answeredCalls: () => calls.close(),
        mostCredits: mostCredits === undefined ? undefined : mostCredits - this.#chargedCredits,
        stop: signal,
        watch: newWatch?.(),
        onLimits: undefined,
        deliver: (delta) => live.add(text.add(delta.text), thinking.add(delta.nonReplyOutput)),
      }),
    );
    if (metered.outcome !== 'ended') throw new Error('A round was answered before it was asked.');
    return metered;
  }

  #callsToMake(stored: readonly StoredCall[]): Calls {
    return new Calls(stored, this.#setup.tools, async ({ callId, round }, end) => {
      const at = { messageId: this.#messageId, round, callId };
      const endedAtMs = this.#context.now();
      this.#calls = this.#calls.map((it) =>
        it.callId === callId ? { ...it, ...end, endedAtMs } : it,
      );
      await this.#context.toolLoops.endCall(at, { ...end, atMs: endedAtMs });
      this.#running.note();
    });
  }

  /** The request for the latest round. */
  #requestFor(calls: Calls | undefined, request: GenerationRequest): GenerationRequest {
    const { plain } = this.#setup;
    const round = this.#round;
    const pending = calls ? calls.prices.length : 0;
    const prompt = () => this.#promptFor(round);
    const candidates = withTools(plain.candidates);
    return {
      ...request,
      candidates,
      measure: () =>
        measureWithTools(plain.measure(), prompt(), { calls: pending, answered: prompt }),
      ask: (model, asked) => this.#ask(model, asked, { round, calls }),
    };
  }

  async *#ask(
    model: Model,
    asked: GenerateRequest,
    { round, calls }: { readonly round: number; readonly calls: Calls | undefined },
  ): AsyncGenerator<Delta> {
    const { toolLoops, lease } = this.#context;
    const { content, promptContext } = this.#setup.plain;
    const messageId = this.#messageId;
    if (calls) {
      // Between its beginning and the hold another server may have ended it.
      const isOurs = await toolLoops.isRunBy(messageId, lease.id);
      if (!isOurs) throw new Error('Another server has ended the message.');
      for await (const _ of calls.make(asked.signal)) yield {};
    }
    const tools = this.#promptFor(round);
    const collector = new ToolCallCollector();
    const blocks = new BlockCollector();
    const request = {
      ...asked,
      content,
      promptContext: promptContext ?? asked.promptContext,
    };
    for await (const delta of replyOf(model, { ...request, tools })) {
      if (delta.toolCalls) collector.add(delta.toolCalls);
      if (delta.blocks) blocks.add(delta.blocks);
      yield delta;
    }
    if (!tools.mayCall || collector.calls.length === 0) return;
    const isThinking = (asked.options?.effort ?? 'none') !== 'none';
    const written =
      isThinking && blocks.blocks.length > 0 && model.upstream
        ? { model: model.upstream.model, blocks: blocks.blocks }
        : undefined;
    await this.#record(round, collector.calls, written);
  }

  /** Records what the model asks for, before the round is charged, which is not the end then. */
  async #record(
    round: number,
    called: ToolCallCollector['calls'],
    written: WrittenBlocks | undefined,
  ): Promise<void> {
    const { toolLoops, lease, now } = this.#context;
    const { conversationId, payer, tools, rounds, mostCredits, plain } = this.#setup;
    const messageId = this.#messageId;
    const atMs = now();
    const asked = askedCalls(called, round, tools);
    if (round > 1) await toolLoops.addCalls({ messageId, round, atMs, written }, asked);
    else {
      const loop: NewLoop = {
        messageId,
        conversationId,
        userId: plain.accountId,
        leaseId: lease.id,
        model: plain.candidates[0].name,
        payer,
        tools: tools.names,
        rounds,
        mostCredits,
        atMs,
        written,
      };
      await toolLoops.begin(loop, asked);
    }
    this.#written[round - 1] = written;
    const ended = (it: (typeof asked)[number]) => (it.result === null ? undefined : atMs);
    this.#calls.push(
      ...asked.map((it) => ({ ...it, round, askedAtMs: atMs, endedAtMs: ended(it) })),
    );
  }

  /** What the model is told in a round. */
  #promptFor(round: number): ToolPrompt {
    const { tools, rounds } = this.#setup;
    const earlier = this.#texts.slice(0, round - 1).map((text, index): ToolRound => {
      const calls = this.#callsOf(index + 1);
      return {
        text,
        calls: calls.map(({ callId: id, name, arguments: input }) => {
          return { id, name, arguments: input };
        }),
        results: calls.map(({ result }) => result ?? ''),
        written: this.#written[index],
      };
    });
    return { definitions: tools.definitions, rounds: earlier, mayCall: round < rounds };
  }

  #callsOf(round: number): readonly StoredCall[] {
    return this.#calls.filter((it) => it.round === round);
  }

  get #running(): RunningGeneration {
    if (!this.#live) throw new Error('The rounds of a message are not running.');
    return this.#live;
  }

  #note({ text, nonReplyOutput, chargedCredits }: MeteredReply): void {
    this.#texts.push(text);
    this.#thoughts.push(nonReplyOutput);
    this.#chargedCredits += chargedCredits;
  }

  /** Ends the message, trying until the database is there: what was charged is charged. */
  async #end(failure: ReplyFailure | undefined): Promise<void> {
    const { toolLoops, lease, now } = this.#context;
    const from = { states: ['running'] as const, leaseId: lease.id };
    for (;;) {
      try {
        await toolLoops.end(this.#messageId, from, { failure, atMs: now() });
        return;
      } catch {
        if (this.#context.generations.isStopping) return;
        await sleep(END_AGAIN_MS, undefined, { ref: false });
      }
    }
  }
}

/** What is written in a round, apart from what was written in those before, as `joinedTexts`. */
class ParagraphOf {
  #separator: string;

  constructor(before: string) {
    this.#separator = before === '' ? '' : '\n\n';
  }

  add(piece = ''): string {
    if (piece === '') return '';
    const added = this.#separator + piece;
    this.#separator = '';
    return added;
  }
}

/** Those of the models that can call tools; the first always is. */
function withTools([first, ...others]: GenerationRequest['candidates']) {
  return [first, ...others.filter(({ usesTools }) => usesTools)] as const;
}

/** How a message ends whose next round was refused. */
function failureOf(error: unknown): ReplyFailure {
  if (!(error instanceof ChitError)) return 'tools_broke_off';
  if (error.code === 'cost_limit_reached') return 'tools_cost_reached';
  return UNPAID.includes(error.code) ? 'tools_unpaid' : 'tools_broke_off';
}

/** How a message ends whose latest round broke off. */
function failureOfReply({ failure, text }: MeteredReply, round: number): ReplyFailure | 'complete' {
  const isOfModel = failure === 'model_broke_off' || failure === 'model_fell_silent';
  // Only its tools were charged.
  if (isOfModel && text === '' && round > 1) return 'tools_broke_off';
  return failure ?? 'complete';
}

/** How a message ends whose latest round delivered nothing; the first was not charged then. */
function failureOfRelease({ failure, stopReason }: MeteredReply): ReplyFailure {
  if (failure === 'server_lost_before_reply' || stopReason === 'server_lost') return 'server_lost';
  return failure === 'stopped_before_reply' ? 'stopped' : 'tools_broke_off';
}
