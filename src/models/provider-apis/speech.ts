/** OpenAI's Speech (https://platform.openai.com/docs/api-reference/audio/createSpeech). */
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
  hasBytes: true,
  table: SPEECH_TABLE,

  extent(body) {
    const counts = { character: spokenCharacters(body) };
    return { most: counts, likely: { counts } };
  },

  readResponse: (_response, likely) => ({ ...EMPTY_CHUNK, usage: likely }),
};

/** The characters of the text and of what is said about how to speak it, as code points. */
function spokenCharacters(body: JsonObject): number {
  return codePoints(textAt(body, 'input')) + codePoints(textAt(body, 'instructions'));
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    const isPair =
      (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isPair) count -= 1;
  }
  return count;
}
