/**
 * OpenAI's Images: https://platform.openai.com/docs/api-reference/images/create and
 * https://platform.openai.com/docs/api-reference/images/createEdit
 */
import { type JsonObject, textAt } from '../../provider-apis/provider-api.ts';
import type { Inspection, Rule } from '../inspection.ts';
import {
  closed,
  count,
  each,
  forbidden,
  free,
  list,
  MAX_ANSWERS,
  type Members,
  notStreamed,
  text,
  unmetered,
} from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

/** Qualities and sizes are names of tiers, and must not be those of a service. */
const QUALITY = /^(auto|standard|hd|low|medium|high|xhigh|max)$/i;
const SIZE = /^(auto|\d{1,5}x\d{1,5}|\d(\.\d)?k)$/i;
/** What a request gets that does not name them. */
const USUAL = new Set(['', 'auto', 'standard', '1024x1024']);

function like(pattern: RegExp, expected: string): Rule {
  return (value, inspection) => {
    if (typeof value !== 'string' || !pattern.test(value)) return inspection.refuse(expected);
  };
}

/** A drawing or a film has the model work in ways that no price tells. */
const format: Rule = (value, inspection) => {
  if (typeof value !== 'string') return inspection.refuse('text');
  if (!/^(png|jpe?g|webp)$/i.test(value)) unmetered('image_formats')(value, inspection);
};

const COMMON: Members = {
  ...OTHER_SERVERS,
  model: text,
  prompt: text,
  quality: like(QUALITY, 'one of auto, standard, hd, low, medium, high, xhigh and max'),
  ...each(like(SIZE, 'a size such as 1024x1536'), 'size resolution'),
  output_format: format,
  ...each(unmetered('image_formats'), 'frame_count frame_duration_ms complexity svg'),
  partial_images: forbidden('There are no streams of images here.'),
  ...each(
    free,
    'background moderation output_compression response_format safety_identifier style user ' +
      'negative_prompt seed aspect_ratio',
  ),
};

const MEMBERS = closed({ ...COMMON, n: count(1, MAX_ANSWERS), stream: notStreamed });

/** Each image is billed, by its size and quality or by its tokens, which tell both. */
export const IMAGES_TABLE: Rule = (value, inspection) => {
  MEMBERS(value, inspection);
  needsPrice(value as JsonObject, inspection);
};

/** The values of a form are text, and files are described by objects. */
const file: Rule = (value, inspection) => {
  if (typeof value !== 'object') return inspection.refuse('a file');
};
const countAsText: Rule = (value, inspection) => {
  const isPlain = typeof value === 'string' && /^[1-9]\d{0,2}$/.test(value);
  count(1, MAX_ANSWERS)(isPlain ? Number(value) : undefined, inspection);
};
const notStreamedAsText: Rule = (value, inspection) => {
  if (value !== 'false') return inspection.refuse('"false". There are no streams here');
};

const EDIT_MEMBERS = closed({
  ...COMMON,
  n: countAsText,
  stream: notStreamedAsText,
  ...each(file, 'image mask markup'),
  'image[]': list(file),
  input_fidelity: free,
  ...each(unmetered('image_formats'), 'svg[model] svg[reasoning] svg[reasoning][effort]'),
  ...each(forbidden('Send the images as files.'), 'images images[] image_url'),
});

/** Those that are edited are billed as well where tokens are: by a rate for images of input. */
export const IMAGE_EDITS_TABLE: Rule = (value, inspection) => {
  EDIT_MEMBERS(value, inspection);
  const body = value as JsonObject;
  needsPrice(body, inspection);
  const member = ['image', 'image[]', 'mask', 'markup'].find((name) => name in body) ?? 'image';
  inspection.at(member, body[member], () =>
    inspection.needs({ units: ['image_input', 'image'] }, 'image_edits'),
  );
};

function needsPrice(body: JsonObject, inspection: Inspection): void {
  inspection.at('prompt', body.prompt, () =>
    inspection.needs({ units: ['image', 'image_output'] }, 'images'),
  );
  const tier = imageVariant(body);
  if (tier === undefined) return;
  const member = ['quality', 'size', 'resolution'].find((name) => !isUsual(body, name)) ?? 'size';
  inspection.at(member, body[member], () =>
    inspection.needs({ tier, unless: 'image_output' }, 'image_sizes'),
  );
}

/**
 * The quality and the size that a request asks for, such as `hd/1792x1024`: a tier of the price.
 * @returns undefined if both are the usual ones
 */
export function imageVariant(body: JsonObject): string | undefined {
  const names = ['quality', 'size', 'resolution'].filter((name) => !isUsual(body, name));
  if (names.length === 0) return undefined;
  return names.map((name) => textAt(body, name).toLowerCase()).join('/');
}

function isUsual(body: JsonObject, name: string): boolean {
  return USUAL.has(textAt(body, name).toLowerCase());
}
