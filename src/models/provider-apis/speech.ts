/** OpenAI's Speech (https://platform.openai.com/docs/api-reference/audio/createSpeech). */
import { codePointsIn } from '../../core/code-points.ts';
import { SPEECH_TABLE } from '../request-guard/tables/speech.ts';
import {
  EMPTY_CHUNK,
  type JsonObject,
  type ProviderApi,
  textAt,
  WHOLE_ANSWER,
} from './provider-api.ts';

export const SPEECH: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/audio/speech',
  hasBytes: 'pieces',
  table: SPEECH_TABLE,

  extent(body) {
    const counts = { character: spokenCharacters(body) };
    return { most: counts, likely: { counts } };
  },

  readResponse: (_response, likely) => ({ ...EMPTY_CHUNK, usage: likely }),
};

/** The characters of the text and of what is said about how to speak it, as code points. */
function spokenCharacters(body: JsonObject): number {
  return codePointsIn(textAt(body, 'input')) + codePointsIn(textAt(body, 'instructions'));
}
