/** OpenAI's Speech: https://platform.openai.com/docs/api-reference/audio/createSpeech */
import type { JsonObject } from '../../provider-apis/provider-api.ts';
import type { Rule } from '../inspection.ts';
import { closed, each, free, notStreamed, open, text } from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

const wholeOnly: Rule = (value, inspection) => {
  if (value !== 'audio') return inspection.refuse('"audio". There are no streams of speech here');
};

const VOICE = open({});
const voice: Rule = (value, inspection) => {
  if (typeof value !== 'string') VOICE(value, inspection);
};

const MEMBERS = closed({
  ...OTHER_SERVERS,
  model: text,
  input: text,
  instructions: text,
  voice,
  stream: notStreamed,
  stream_format: wholeOnly,
  ...each(free, 'response_format speed user'),
});

/** Answers are sound and say nothing of their usage, so that characters are what can be charged. */
export const SPEECH_TABLE: Rule = (value, inspection) => {
  MEMBERS(value, inspection);
  inspection.at('input', (value as JsonObject).input, () =>
    inspection.needs({ units: ['character'] }, 'speech'),
  );
};
