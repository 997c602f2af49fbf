import type { PricedUnit } from '../../core/pricing.ts';

const MILLION = 1_000_000;

/** The members of a price in `chit.json`: the unit of each, and for how many of it the rate is. */
export const RATE_NAMES = {
  perMessage: ['message', 1],
  perMillionInput: ['input', MILLION],
  perMillionCachedInput: ['cached_input', MILLION],
  perMillionCacheWrite5m: ['cache_write_5m', MILLION],
  perMillionCacheWrite1h: ['cache_write_1h', MILLION],
  perMillionOutput: ['output', MILLION],
  perMillionAudioInput: ['audio_input', MILLION],
  perMillionCachedAudioInput: ['cached_audio_input', MILLION],
  perMillionAudioOutput: ['audio_output', MILLION],
  perMillionImageInput: ['image_input', MILLION],
  perMillionImageOutput: ['image_output', MILLION],
  perMillionCharacters: ['character', MILLION],
  perImage: ['image', 1],
  perSearch: ['search', 1],
  perRerank: ['rerank', 1],
  perSecond: ['second', 1],
} as const satisfies Readonly<Record<string, readonly [PricedUnit, number]>>;

export type RateName = keyof typeof RATE_NAMES;
