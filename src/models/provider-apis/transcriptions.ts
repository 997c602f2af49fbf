/**
 * OpenAI's Transcriptions
 * (https://platform.openai.com/docs/api-reference/audio/createTranscription) and Translations
 * (https://platform.openai.com/docs/api-reference/audio/createTranslation), billed alike.
 */
import type { Unit } from '../../core/units.ts';
import { type Counts, UNKNOWN_USAGE } from '../../core/usage.ts';
import { TRANSCRIPTIONS_TABLE } from '../request-guard/tables/transcriptions.ts';
import {
  countAt,
  EMPTY_CHUNK,
  type JsonObject,
  objectAt,
  type ProviderApi,
  WHOLE_ANSWER,
} from './provider-api.ts';
import { usageMember } from './usage-dialects.ts';

/** More than any of the models that are known counts (see `input-measure/file-size.ts`). */
const MOST_AUDIO_TOKENS_PER_SECOND = 32;
/** As OpenAI counts what users say. */
const AUDIO_TOKENS_PER_SECOND = 10;
/** The models that count their output write 2,000 tokens at most. */
const MOST_OUTPUT = 16_384;

export const TRANSCRIPTIONS: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/audio/transcriptions',
  isForm: true,
  hasBytes: 'whole',
  table: TRANSCRIPTIONS_TABLE,

  extent(body) {
    const { most, likely } = secondsIn(body);
    const counts = { second: likely, audio_input: likely * AUDIO_TOKENS_PER_SECOND };
    return {
      most: { second: most },
      likely: { counts },
      addedInput: most * MOST_AUDIO_TOKENS_PER_SECOND,
    };
  },

  wanted() {
    return { outputLimit: MOST_OUTPUT, answers: 1, isStream: false };
  },

  readResponse(response, likely = UNKNOWN_USAGE) {
    const usage = usageMember(response) ?? {};
    const told = secondsAt(usage, 'seconds') ?? secondsAt(response, 'duration');
    const second = told ?? likely.counts.second ?? 0;
    const tokens = tokensIn(usage) ?? { audio_input: second * AUDIO_TOKENS_PER_SECOND };
    return { ...EMPTY_CHUNK, usage: { counts: { second, ...tokens } } };
  },
};

/** Into English. */
export const TRANSLATIONS: ProviderApi = { ...TRANSCRIPTIONS, path: '/audio/translations' };

/** Whole seconds of the file: at most, and what is charged if nobody tells. */
function secondsIn(body: JsonObject): { most: number; likely: number } {
  const file = objectAt(body, 'file');
  return { most: countAt(file, 'mostSeconds') ?? 0, likely: countAt(file, 'likelySeconds') ?? 0 };
}

/** Seconds, rounded up; some servers write them as text. */
function secondsAt(value: JsonObject, name: string): number | undefined {
  const seconds = Math.ceil(Number(value[name] ?? Number.NaN));
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined;
}

/** The tokens of models that are billed by them; undefined for those billed by the second. */
function tokensIn(usage: JsonObject): Counts | undefined {
  const input = countAt(usage, 'input_tokens');
  if (input === undefined) return undefined;
  const details = objectAt(usage, 'input_token_details');
  const ofAudio = Math.min(countAt(details, 'audio_tokens') ?? input, input);
  const counts: Partial<Record<Unit, number>> = { audio_input: ofAudio, input: input - ofAudio };
  const output = countAt(usage, 'output_tokens');
  if (output !== undefined) counts.output = output;
  return counts;
}
