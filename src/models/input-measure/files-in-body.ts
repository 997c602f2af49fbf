/**
 * The files in the body of a request: pictures, documents, audio. They are told by where they
 * stand, never by how their text looks: everywhere else, text is text.
 */
import type { JsonObject, ProviderApi } from '../provider-apis/provider-api.ts';

/** A file in a request. */
export interface FilePart {
  /** The object that it is a member of, and its name there: the place that is no text. */
  readonly holder: JsonObject;
  readonly member: string;
  /** What can stand there; an `image_url` may be more than a picture, and a `file` anything. */
  readonly place: 'picture' | 'image_url' | 'audio' | 'file';
  /** A data URL or base64, perhaps shortened; undefined if only the provider can see the file. */
  readonly data: string | undefined;
  /** How closely a picture is to be looked at. */
  readonly detail: unknown;
}

/** Members of a body that have messages or other items. */
const LISTS = ['messages', 'input'] as const;
const DATA_URL = /^data:/i;
const ANY_URL = /^[a-z][a-z0-9+.-]*:/i;

/** All files in a body, in the places where an API has them. */
export function filesIn(family: ProviderApi['family'], body: JsonObject): FilePart[] {
  const files: FilePart[] = [];
  const add = family === 'anthropic' ? addAnthropic : addOpenAi;
  // Without recursion: what is left to be looked at, item by item.
  const left: unknown[] = [];
  for (const name of LISTS) {
    const list = body[name];
    if (Array.isArray(list)) for (const item of list) left.push(item);
  }
  while (left.length > 0) {
    const next = left.pop();
    if (isObject(next)) add(next, files, left);
  }
  return files;
}

/**
 * A message, an item or a part of Chat Completions and Responses, and what brokers add to them
 * (`video_url`, `images`).
 */
function addOpenAi(part: JsonObject, files: FilePart[], left: unknown[]): void {
  for (const name of ['content', 'output', 'images'] as const) addParts(part[name], left);
  addPicture(part, files);
  addNamed(part, 'input_audio', 'data', 'audio', files);
  addNamed(part, 'audio_url', 'url', 'file', files);
  addNamed(part, 'video_url', 'url', 'file', files);
  if (isObject(part.file)) addFile(part.file, files);
  addFile(part, files);
  // An earlier reply in audio, which the provider has kept.
  if (isObject(part.audio) && typeof part.audio.id === 'string') {
    files.push(elsewhere(part.audio, 'id', 'file'));
  }
  if (part.type === 'image_generation_call' && typeof part.result === 'string') {
    files.push(fileAt(part, 'result', part.result, 'picture', undefined));
  }
}

/** `image_url` is an object in one of the APIs and text in the other. */
function addPicture(part: JsonObject, files: FilePart[]): void {
  const { image_url: image, detail } = part;
  if (typeof image === 'string') {
    files.push(fileAt(part, 'image_url', image, 'image_url', detail));
  } else if (isObject(image) && typeof image.url === 'string') {
    files.push(fileAt(image, 'url', image.url, 'image_url', image.detail));
  }
}

function addNamed(
  part: JsonObject,
  name: string,
  member: string,
  place: FilePart['place'],
  files: FilePart[],
): void {
  const holder = part[name];
  if (!isObject(holder)) return;
  const text = holder[member];
  if (typeof text === 'string') files.push(fileAt(holder, member, text, place, undefined));
}

function addFile(holder: JsonObject, files: FilePart[]): void {
  const { file_data: data, file_id: id, file_url: url } = holder;
  if (typeof data === 'string') files.push(fileAt(holder, 'file_data', data, 'file', undefined));
  if (typeof url === 'string') files.push(elsewhere(holder, 'file_url', 'file'));
  if (typeof id !== 'string') return;
  files.push(elsewhere(holder, 'file_id', holder.type === 'input_image' ? 'picture' : 'file'));
}

/** A message or a block of Anthropic's Messages; results of tools have blocks themselves. */
function addAnthropic(block: JsonObject, files: FilePart[], left: unknown[]): void {
  addParts(block.content, left);
  if (block.type === 'container_upload') files.push(elsewhere(block, 'file_id', 'file'));
  if (block.type !== 'image' && block.type !== 'document') return;
  const { source } = block;
  if (!isObject(source)) return;
  const place = block.type === 'image' ? 'picture' : 'file';
  if (source.type === 'base64' && typeof source.data === 'string') {
    files.push({ ...fileAt(source, 'data', source.data, place, undefined), data: source.data });
  } else if (source.type === 'content') {
    addParts(source.content, left);
  } else if (source.type !== 'text') {
    files.push(elsewhere(source, source.type === 'url' ? 'url' : 'file_id', place));
  }
}

/** The parts of a list, or a single one, as the screenshot of a computer. */
function addParts(content: unknown, left: unknown[]): void {
  if (Array.isArray(content)) for (const part of content) left.push(part);
  else if (isObject(content)) left.push(content);
}

function fileAt(
  holder: JsonObject,
  member: string,
  text: string,
  place: FilePart['place'],
  detail: unknown,
): FilePart {
  const isUrl = ANY_URL.test(text.slice(0, 40)) && !DATA_URL.test(text.slice(0, 5));
  return { holder, member, place, data: isUrl ? undefined : text, detail };
}

function elsewhere(holder: JsonObject, member: string, place: FilePart['place']): FilePart {
  return { holder, member, place, data: undefined, detail: undefined };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
