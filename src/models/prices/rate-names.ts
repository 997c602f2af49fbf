import type { PricedUnit } from '../../core/pricing.ts';

/** The members of a price in `chit.json`, and the unit of each; `sizeOf` says for how many. */
export const RATE_NAMES = {
  perMessage: 'message',
  perMillionInput: 'input',
  perMillionCachedInput: 'cached_input',
  perMillionCacheWrite5m: 'cache_write_5m',
  perMillionCacheWrite1h: 'cache_write_1h',
  perMillionOutput: 'output',
  perMillionAudioInput: 'audio_input',
  perMillionCachedAudioInput: 'cached_audio_input',
  perMillionAudioOutput: 'audio_output',
  perMillionImageInput: 'image_input',
  perMillionImageOutput: 'image_output',
  perMillionCharacters: 'character',
  perImage: 'image',
  perSearch: 'search',
  perRerank: 'rerank',
  perSecond: 'second',
} as const satisfies Readonly<Record<string, PricedUnit>>;

export type RateName = keyof typeof RATE_NAMES;

/** The member of a price that has the rate of a unit. */
export const NAME_OF_RATE = Object.fromEntries(
  Object.entries(RATE_NAMES).map(([name, unit]) => [unit, name]),
) as Readonly<Record<PricedUnit, RateName>>;
