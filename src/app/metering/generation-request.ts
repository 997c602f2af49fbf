import type { PromptContext } from '../../core/conversation.ts';
import type { Credits } from '../../core/credits.ts';
import type { IdempotencyKey, IdempotentResponse } from '../../core/ledger.ts';
import type { ModelOptions } from '../../core/model-options.ts';
import type { NamedPayer } from '../../core/paying-account.ts';
import type { Rate } from '../../core/pricing.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import type { Unit } from '../../core/units.ts';
import type { Counts } from '../../core/usage.ts';
import type { Delta, GenerateRequest, Model } from '../../models/catalogue.ts';
import type { InputMeasure } from '../../models/input-measure/input-measure.ts';
import type { Attempts } from '../../models/provider-client/attempts.ts';
import type { GenerationWatch } from '../operations/observations.ts';
import type { Candidates } from './models-for.ts';

/** What to ask a model, and who asks and pays. */
export interface GenerationRequest {
  /** The personal account of the user who asks. */
  readonly accountId: number;
  /** The accounts that may pay, in order; the personal one if not given. */
  readonly payers?: readonly NamedPayer[] | undefined;
  /** Whether an account pays for a fallback; if not given, all pay for all. */
  readonly mayAnswer?: ((payerId: number, model: string) => boolean) | undefined;
  /** The API key that is used; undefined if the user is signed in. */
  readonly apiKeyId: string | undefined;
  /** The id of the generation, if it has to be known before; a new one if not given. */
  readonly generationId?: string | undefined;
  /** The user's words, as they are stored. */
  readonly content: string;
  /** The conversation so far, for models that are asked by `GenerateRequest`. */
  readonly promptContext?: PromptContext | undefined;
  /** What its chat has chosen of how a model works; each gets what it has of that. */
  readonly options?: ModelOptions | undefined;
  /** The conversation that the message belongs to, and the message that it follows. */
  readonly conversationId?: string | undefined;
  readonly parentId?: string | undefined;
  /** The requested model, then its fallbacks. */
  readonly candidates: Candidates;
  /** The most tokens per answer, if the request limits them; the model's own limit applies too. */
  readonly wantedOutput: number | undefined;
  /** The least limit per answer that the provider takes, with thinking; undefined for any. */
  readonly leastOutput?: number | undefined;
  /** How many answers are requested, each with that limit. */
  readonly answers: number;
  /** What can be used besides text, such as writes to a cache. */
  readonly units?: ReadonlySet<Unit> | undefined;
  /** The most that can be used of what is not counted in tokens, such as searches. */
  readonly others?: Counts | undefined;
  /** Service tiers by which the provider may answer; undefined if nothing was asked for. */
  readonly tiers?: readonly string[] | undefined;
  /** The same of regions. */
  readonly regions?: readonly string[] | undefined;
  /** What calls of tools cost that are made before the model is asked: held with the rest. */
  readonly calls?: readonly Rate[] | undefined;
  /** What those cost that were answered, which are charged; no others may be afterwards. */
  readonly answeredCalls?: (() => readonly Rate[]) | undefined;
  /** The most that may be held; with less than the quote, the output is limited to fit. */
  readonly mostCredits?: Credits | undefined;
  /** Whether the reply arrives at once, when all of it is written; else it is a stream. */
  readonly isWhole?: boolean;
  /** Those of the turn, if the client has asked before. */
  readonly attempts?: Attempts;
  /** Whether what the model thinks is kept with the message, as it is in chats. */
  readonly keepsThinking?: boolean;
  /** Whether the reply is text; embeddings are only numbers. */
  readonly hasText: boolean;
  /** Measures the input; called once, if its size matters. */
  readonly measure: () => InputMeasure;
  readonly ask: (model: Model, request: GenerateRequest) => AsyncIterable<Delta>;
  readonly idempotency: IdempotencyKey | undefined;
  /** Aborts when the rest is not wanted; what was delivered is charged and kept. */
  readonly stop?: AbortSignal | undefined;
  /**
   * Aborts when the client has left. The model is read on for a while for its usage, which is
   * charged; else what was delivered is. If the answer is whole and the request has a key, leaving
   * changes nothing: the answer is kept for the retry.
   */
  readonly left?: AbortSignal | undefined;
  /** Is told what becomes of it. */
  readonly watch?: GenerationWatch | undefined;
  /** Receives the state of the account's rate limits, if it has any. */
  readonly onLimits?: ((states: readonly RateLimitState[]) => void) | undefined;
  /**
   * Called before each attempt to hold credits, with the id that the message would have: for what
   * is to be stored before it.
   */
  readonly beforeHold?: ((generationId: string) => Promise<void>) | undefined;
  /** Called once credits are held, before a model is asked. */
  readonly onHeld?: ((held: { id: string; atMs: number }) => void) | undefined;
  /**
   * Receives the limit of an answer, in tokens, if it is less than was requested or than the model
   * can give, before a model is asked; again for each fallback.
   */
  readonly onOutputCut?: ((outputLimit: number) => void) | undefined;
  /** The response to store with the charge, if the reply is complete and it is to be kept. */
  readonly response?: (() => IdempotentResponse | undefined) | undefined;
  /** Passes each delta on; a promise suspends the model until its reader has caught up. */
  readonly deliver?: ((delta: Delta) => void | Promise<void>) | undefined;
}
