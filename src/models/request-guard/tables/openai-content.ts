/** Parts of messages in OpenAI's APIs, and in those of servers with the same APIs. */
import type { Rule } from '../inspection.ts';
import {
  closed,
  each,
  free,
  list,
  type Members,
  media,
  mediaOrObject,
  open,
  text,
  textOrList,
  types,
  unseen,
  uses,
} from '../rules.ts';

const CACHE_MEMBERS = open({ type: text, ttl: text, mode: text });

/**
 * Has the input before it written to the provider's cache, for five minutes or an hour
 * (https://docs.claude.com/en/docs/build-with-claude/prompt-caching). OpenAI's half hour costs as
 * much as Anthropic's five minutes.
 */
export const CACHE_CONTROL: Rule = (value, inspection) => {
  CACHE_MEMBERS(value, inspection);
  const { ttl } = value as { readonly ttl?: string | null };
  const isShort = ttl === undefined || ttl === null || ttl === '5m' || ttl === '30m';
  inspection.needs({ units: [isShort ? 'cache_write_5m' : 'cache_write_1h'] }, 'cache_write');
};

/** A data URL, a URL, or a list of them, such as the frames of a film. */
function film(feature: string): Rule {
  const single = mediaOrObject(feature);
  const frames = list(single);
  return (value, inspection) => {
    // Nobody can tell the tokens of a film without decoding it.
    unseen('film')(value, inspection);
    (Array.isArray(value) ? frames : single)(value, inspection);
  };
}

const AUDIO = uses('audio_input', 'audio_input');

const CONTENT_TYPES: Members = each(
  free,
  'text input_text output_text summary_text reasoning_text refusal image_url input_image image ' +
    'input_audio audio_url video_url video file input_file document_url thinking reference ' +
    'tool_use tool_result computer_screenshot image_embeds audio_embeds',
);

/** By its members, not by its `type`: vLLM, for one, goes by them where there is no type. */
export const CONTENT_PART: Rule = open({
  type: types(CONTENT_TYPES),
  text: free,
  ...each(mediaOrObject('picture_url'), 'image_url input_image image'),
  ...each(mediaOrObject('file_url'), 'document_url file_url file_data'),
  input_audio: (value, inspection) => {
    AUDIO(value, inspection);
    open({ data: media('audio_url') })(value, inspection);
  },
  audio_url: (value, inspection) => {
    AUDIO(value, inspection);
    mediaOrObject('audio_url')(value, inspection);
  },
  ...each(film('film_url'), 'video_url video'),
  file: closed({
    file_id: unseen('file_id'),
    ...each(mediaOrObject('file_url'), 'file_data file_url'),
    ...each(free, 'filename format detail'),
  }),
  file_id: unseen('file_id'),
  /** Kept by the server under an id (vLLM). */
  uuid: unseen('file_id'),
  ...each(unseen('embeddings'), 'image_embeds audio_embeds'),
  cache_control: CACHE_CONTROL,
  prompt_cache_breakpoint: CACHE_CONTROL,
  content: textOrList((value, inspection) => CONTENT_PART(value, inspection)),
  ...each(free, 'detail filename annotations refusal thinking title'),
});
