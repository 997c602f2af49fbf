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

/** A picture or a file at a place where its tokens are not told by what it is. */
const unmeasured: Rule = (value, inspection) => {
  unseen(value, inspection);
  (Array.isArray(value) ? list(mediaOrObject) : mediaOrObject)(value, inspection);
};

const AUDIO = uses('audio_input', 'audio_input');
const AUDIO_MEMBERS = open({ data: media, format: text });

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
  image_url: mediaOrObject,
  ...each(media, 'file_url file_data'),
  ...each(unmeasured, 'input_image image document_url video'),
  input_audio: (value, inspection) => {
    AUDIO(value, inspection);
    AUDIO_MEMBERS(value, inspection);
  },
  audio_url: (value, inspection) => {
    AUDIO(value, inspection);
    mediaOrObject(value, inspection);
  },
  video_url: mediaOrObject,
  file: closed({
    file_id: text,
    ...each(media, 'file_data file_url'),
    ...each(free, 'filename format detail'),
  }),
  file_id: text,
  /** Kept by the server under an id (vLLM). */
  uuid: unseen,
  ...each(unseen, 'image_embeds audio_embeds'),
  cache_control: CACHE_CONTROL,
  prompt_cache_breakpoint: CACHE_CONTROL,
  content: textOrList((value, inspection) => CONTENT_PART(value, inspection)),
  ...each(free, 'detail filename annotations refusal thinking title'),
});
