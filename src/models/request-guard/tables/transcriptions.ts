/**
 * OpenAI's Transcriptions:
 * https://platform.openai.com/docs/api-reference/audio/createTranscription
 */
import { type JsonObject, objectAt } from '../../provider-apis/provider-api.ts';
import type { Rule } from '../inspection.ts';
import { closed, each, forbidden, free, text, unmetered } from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

const file: Rule = (value, inspection) => {
  if (typeof value !== 'object') return inspection.refuse('a file');
};

/** The values of a form are text. */
const notStreamed: Rule = (value, inspection) => {
  if (value !== 'false') return inspection.refuse('"false". There are no streams here');
};

const MEMBERS = closed({
  ...OTHER_SERVERS,
  model: text,
  file,
  url: forbidden('Send the audio as "file".'),
  stream: notStreamed,
  ...each(
    free,
    'language prompt response_format temperature user seed top_p frequency_penalty ' +
      'presence_penalty max_completion_tokens chunking_strategy chunking_strategy[type] ' +
      'chunking_strategy[prefix_padding_ms] chunking_strategy[silence_duration_ms] ' +
      'chunking_strategy[threshold] include include[] keywords keywords[] languages languages[] ' +
      'known_speaker_names known_speaker_names[] ' +
      'timestamp_granularities timestamp_granularities[]',
  ),
  ...each(unmetered('speaker_references'), 'known_speaker_references known_speaker_references[]'),
});

/** Formats that do not say how long the audio was. */
const WITHOUT_USAGE = new Set(['text', 'srt', 'vtt']);

/** Audio is billed by the second or by its tokens. */
export const TRANSCRIPTIONS_TABLE: Rule = (value, inspection) => {
  MEMBERS(value, inspection);
  const body = value as JsonObject;
  inspection.at('file', body.file, () =>
    inspection.needs({ units: ['second', 'audio_input'] }, 'transcription'),
  );
  const isKnown = objectAt(body, 'file').isExact === true;
  if (isKnown || !WITHOUT_USAGE.has(String(body.response_format).toLowerCase())) return;
  inspection.at('response_format', body.response_format, () =>
    inspection.needs('unmetered', 'unknown_duration'),
  );
};
