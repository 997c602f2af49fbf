/**
 * How much input a request has, in three ways: the most that it can be, which costs nothing and is
 * what is held; a count, if the most does not fit; and an estimate, which is charged where nobody
 * reports usage. Decision 33 has the reasons and the errors.
 */
import { ChitError } from '../../core/errors.ts';
import type { MeasuredModel } from './measured-model.ts';

/** Input that was counted, in tokens of one model. */
export interface CountedInput {
  /** As it was counted. */
  readonly tokens: number;
  /** What the provider counts is not less: if the balance pays less, the request is refused. */
  readonly leastTokens: number;
  /** What the provider counts is not more, as far as its tokenizer is known. */
  readonly mostTokens: number;
}

/** How much input a request has. */
export interface InputMeasure {
  /**
   * The first member of the request whose tokens have no bound of their own, such as a PDF file or
   * a file at a URL; undefined if there is none.
   */
  readonly unseen: string | undefined;
  /** Whether input is not in the request, so that counting cannot tell more than the bound. */
  isOutOfSight(model: MeasuredModel): boolean;
  /**
   * The most input tokens that the request can have, without counting any.
   * @returns undefined if that cannot be known, and the model has no `contextTokens` either
   */
  mostTokens(model: MeasuredModel): number | undefined;
  /**
   * About how many tokens the input has, at next to no cost: four bytes for a token of text. It is
   * what a hold records, to be charged if the server dies; it also tells what room is left.
   */
  roughTokens(model: MeasuredModel): number;
  /**
   * Counts the input, long texts in a thread of their own. Several calls count once.
   * @throws ChitError `server_busy` if that takes too long
   */
  count(model: MeasuredModel): Promise<CountedInput>;
  /** Estimates the input tokens in a few milliseconds at most, also after `release`. */
  estimate(model: MeasuredModel): Promise<number>;
  /** Lets go of the request and keeps what `estimate` needs, a few kilobytes. */
  release(): void;
}

/**
 * The most input tokens that a request can have.
 * @param model as its users call it
 * @throws ChitError `input_unseen` if that cannot be known
 */
export function requireMostTokens(
  measure: InputMeasure,
  model: MeasuredModel & { readonly name: string },
): number {
  const mostTokens = measure.mostTokens(model);
  if (mostTokens !== undefined) return mostTokens;
  throw new ChitError('input_unseen', { member: measure.unseen ?? 'input', model: model.name });
}
