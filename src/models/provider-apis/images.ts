/**
 * OpenAI's Images (https://platform.openai.com/docs/api-reference/images/create) and their edits
 * (https://platform.openai.com/docs/api-reference/images/createEdit), which are forms.
 */
import type { Unit } from '../../core/units.ts';
import { type Counts, UNKNOWN_USAGE } from '../../core/usage.ts';
import { IMAGE_EDITS_TABLE, IMAGES_TABLE, imageVariant } from '../request-guard/tables/images.ts';
import {
  countAt,
  EMPTY_CHUNK,
  type Extent,
  type JsonObject,
  objectAt,
  type ProviderApi,
  textAt,
  WHOLE_ANSWER,
} from './provider-api.ts';
import { usageMember } from './usage-dialects.ts';

/**
 * Tokens of an image of 1024 × 1536 pixels by quality
 * (https://platform.openai.com/docs/guides/image-generation#cost-and-latency). The model chooses
 * the quality if it is not given. Of those above "high" nothing is published.
 */
const IMAGE_TOKENS: Readonly<Record<string, number>> = { low: 408, medium: 1_584, high: 6_240 };
const AUTOMATIC = new Set(['', 'auto', 'standard']);
const MOST_IMAGE_TOKENS = 25_000;
const MEASURED_PIXELS = 1_024 * 1_536;
/**
 * An image that is edited has 65 tokens and 129 for each square of 512 pixels, after its shorter
 * side was scaled to 512; where it is kept with high fidelity, up to 6,240 more. The newest models
 * do not say.
 */
const MOST_EDITED_TOKENS = 10_000;
/** What is added to the prompt is not documented; 32 tokens have been billed. */
const ADDED_TOKENS = 256;

export const IMAGES: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/images/generations',
  table: IMAGES_TABLE,

  extent(body) {
    const counts = { image: imagesIn(body) };
    const tier = imageVariant(body);
    return { most: counts, likely: { counts, ...(tier === undefined ? {} : { tier }) } };
  },

  wanted(body) {
    return { outputLimit: mostTokens(body), answers: imagesIn(body), isStream: false };
  },

  readResponse(response, likely = UNKNOWN_USAGE) {
    const { data } = response;
    const image = Array.isArray(data) ? data.length : (likely.counts.image ?? 1);
    const usage = usageMember(response);
    const counts = { image, ...(usage ? imageTokens(usage) : {}) };
    return { ...EMPTY_CHUNK, usage: { ...likely, counts } };
  },
};

export const IMAGE_EDITS: ProviderApi = {
  ...IMAGES,
  path: '/images/edits',
  isForm: true,
  table: IMAGE_EDITS_TABLE,

  extent(body) {
    const files = [body.image, body['image[]'], body.mask, body.markup].flat();
    const edited = files.filter((it) => it !== undefined).length;
    const addedInput = edited * MOST_EDITED_TOKENS + ADDED_TOKENS;
    return { ...(IMAGES.extent as (it: JsonObject) => Extent)(body), addedInput };
  },
};

/** The values of a form are text. */
function imagesIn(body: JsonObject): number {
  const n = typeof body.n === 'string' ? Number(body.n) : countAt(body, 'n');
  return Number.isSafeInteger(n) ? Math.max(1, n as number) : 1;
}

/** The most tokens of one image, where images are counted in tokens. */
function mostTokens(body: JsonObject): number {
  const quality = textAt(body, 'quality').toLowerCase();
  const ofQuality = AUTOMATIC.has(quality) ? IMAGE_TOKENS.high : IMAGE_TOKENS[quality];
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(textAt(body, 'size')) ?? [];
  const pixels = Math.max(MEASURED_PIXELS, Number(width ?? 0) * Number(height ?? 0));
  return Math.ceil(((ofQuality ?? MOST_IMAGE_TOKENS) * pixels) / MEASURED_PIXELS);
}

/**
 * The `usage` of GPT Image models: input is text and images, output is images, and text where the
 * details say so.
 */
function imageTokens(usage: JsonObject): Counts {
  const counts: Partial<Record<Unit, number>> = {};
  const input = countAt(usage, 'input_tokens');
  const inputDetails = objectAt(usage, 'input_tokens_details');
  if (input !== undefined) {
    const ofImages = Math.min(countAt(inputDetails, 'image_tokens') ?? 0, input);
    const cached = Math.min(countAt(inputDetails, 'cached_tokens') ?? 0, input - ofImages);
    if (ofImages > 0) counts.image_input = ofImages;
    if (cached > 0) counts.cached_input = cached;
    counts.input = input - ofImages - cached;
  }
  const output = countAt(usage, 'output_tokens');
  if (output !== undefined) {
    const details = objectAt(usage, 'output_tokens_details');
    const ofText = Math.min(countAt(details, 'text_tokens') ?? 0, output);
    counts.image_output = output - ofText;
    if (ofText > 0) counts.output = ofText;
  }
  return counts;
}
