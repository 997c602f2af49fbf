/**
 * What providers count and charge for. The counts of one request are disjoint: a token of input is
 * either `input`, `cached_input`, one of the cache writes, or input of another kind.
 */
export const UNITS = [
  /** Tokens of text that were neither read from the provider's cache nor written to it. */
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  /** Tokens of text, reasoning included. */
  'output',
  'audio_input',
  'cached_audio_input',
  'audio_output',
  /** Tokens of images, where a provider counts them apart from text. */
  'image_input',
  'image_output',
  /** One generated image. */
  'image',
  /** One search of the web by the provider. */
  'search',
  /** One query of a rerank. */
  'rerank',
  /** A second of audio. */
  'second',
  /** A character that is spoken. */
  'character',
  /** A call of a tool that Chit itself has made for a model, and that was answered. */
  'tool_call',
] as const;

export type Unit = (typeof UNITS)[number];

/** The units of which a price is written per million; of the others it is written per one. */
export const COUNTED_IN_MILLIONS: ReadonlySet<Unit> = new Set<Unit>([
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'audio_input',
  'cached_audio_input',
  'audio_output',
  'image_input',
  'image_output',
  'character',
]);

/** The units that are input of a model, in tokens. */
export const INPUT_UNITS: readonly Unit[] = [
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'audio_input',
  'cached_audio_input',
  'image_input',
];

/** The units that are output of a model, in tokens. */
export const OUTPUT_UNITS: readonly Unit[] = ['output', 'audio_output', 'image_output'];
