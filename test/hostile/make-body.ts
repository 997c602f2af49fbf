/** Bodies: valid ones by the schema of their route, and what can be made of them. */
import type { Endpoint, Schema } from '../support/openapi.ts';
import {
  deepJson,
  FIELD_NAMES,
  hostileJson,
  hostileText,
  longText,
  type Sizes,
  wideJson,
} from './hostile-values.ts';
import { limitsBody } from './limits-requests.ts';
import type { Random } from './random.ts';
import { BEHAVIOUR_NAMES, type Ids, MODELS } from './site.ts';

/** What a body is made for. */
export interface Occasion {
  readonly random: Random;
  readonly sizes: Sizes;
  readonly ids: Ids;
  /** Of whom the ids are that fit. */
  readonly ownerName: string;
  /** Marks a message to a model, so that its charge can be found again. */
  readonly mark: string;
}

/** A body as bytes. */
export interface Body {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The name of a field and its value as JSON. Names may occur more than once. */
export type Fields = readonly (readonly [name: string, json: string])[];

const BOUNDARY = 'XBOUNDX';
const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** A message with its mark and, now and then, a wish for how the provider behaves. */
function message({ random, mark }: Occasion): string {
  const wish = random.chance(0.15) ? ` ~${random.pick(BEHAVIOUR_NAMES)}~` : '';
  return `Hello ${mark}${wish}`;
}

/** Valid values of fields by their name, where a schema does not say enough. */
const BY_NAME: Readonly<Record<string, (on: Occasion) => unknown>> = {
  message,
  username: ({ random, ids }) =>
    random.chance(0.5) ? 'mallory' : (ids.any('lamb-name', random) ?? `new${random.hex(8)}`),
  password: ({ random, ids }) => ids.any('password', random) ?? random.hex(8),
  old_password: ({ random, ids }) => ids.any('password', random) ?? '',
  new_password: ({ random, ids }) => ids.any('password', random) ?? '',
  refresh: ({ random, ids }) => ids.any('refresh', random) ?? '',
  token: ({ random, ids }) => ids.any(random.pick(['refresh', 'link', 'share']), random) ?? '',
  // The provider of the others is dead, and found to be so only after some time.
  model: ({ random }) => (random.chance(0.9) ? 'flat' : random.pick(MODELS)),
  models: ({ random }) => [random.pick(MODELS)],
  parent: ({ random, ids, ownerName }) => ids.any(`message of ${ownerName}`, random) ?? null,
  leaf: ({ random, ids, ownerName }) => ids.any(`message of ${ownerName}`, random) ?? '',
  charge: ({ random, ids }) => ids.any('transfer', random) ?? '',
  ids: ({ random, ids }) => [Number(ids.any('lamb-id', random) ?? 0)],
  to: ({ random, ids }) => [
    { id: Number(ids.any('lamb-id', random) ?? 0), tokens: random.below(200) - 100 },
    ...(random.chance(0.3) ? [{ username: ids.any('lamb-name', random), tokens: 1 }] : []),
  ],
  user: ({ random, ids }) => ids.any('lamb-name', random) ?? '',
  reason: () => 'a hostile test',
  name: ({ random }) => `key ${random.hex(4)}`,
  title: ({ random }) => `title ${random.hex(4)}`,
  expires_at: () => '2099-01-01T00:00:00Z',
  is_staff: () => false,
  is_superuser: () => false,
  tokens: ({ random }) => random.below(1_000),
  budget: ({ random }) => random.below(1_000),
  limit: ({ random }) => String(1 + random.below(200)),
  period: ({ random }) => random.pick(['2026-11', '2026-11-23', '0000-00', '9999-99-99']),
  from: ({ random }) => random.pick(['2026-11-01T00:00:00Z', '0001-01-01T00:00:00Z']),
  to_time: ({ random }) => random.pick(['2026-12-01T00:00:00Z', '9999-12-31T23:59:59Z']),
};

/** Bodies that the providers' APIs take; their schemas do not list the fields. */
const RELAYED: Readonly<Record<string, (on: Occasion) => Record<string, unknown>>> = {
  '/v1/chat/completions': (on) => ({
    model: on.random.weighted([
      [10, 'flat'],
      [10, 'usage'],
      [1, 'shaky'],
      [1, 'gone'],
      [1, 'claude'],
    ]),
    messages: [{ role: 'user', content: message(on) }],
    ...limited(on.random, 'max_tokens'),
    ...streamed(on.random, { stream_options: { include_usage: true } }),
  }),
  '/v1/responses': (on) => ({
    model: on.random.pick(['flat', 'usage']),
    input: message(on),
    ...limited(on.random, 'max_output_tokens'),
    ...streamed(on.random),
  }),
  '/v1/responses/input_tokens': (on) => ({ model: 'usage', input: message(on) }),
  '/v1/completions': (on) => ({
    model: on.random.pick(['flat', 'usage']),
    prompt: message(on),
    ...limited(on.random, 'max_tokens'),
    ...streamed(on.random, { stream_options: { include_usage: true } }),
  }),
  '/v1/embeddings': (on) => ({ model: 'embed', input: message(on) }),
  '/v1/images/generations': (on) => ({ model: 'flat', prompt: message(on), n: 1 }),
  '/v1/audio/speech': (on) => ({ model: 'flat', input: message(on), voice: 'alloy' }),
  '/v1/moderations': (on) => ({ model: on.random.pick(['flat', 'usage']), input: message(on) }),
  '/v1/rerank': (on) => ({
    model: on.random.pick(['flat', 'usage']),
    query: message(on),
    documents: [message(on), message(on)],
  }),
  '/v1/messages': (on) => ({
    model: on.random.pick(['claude', 'claude', 'flat']),
    max_tokens: 1 + on.random.below(100),
    messages: [{ role: 'user', content: message(on) }],
    ...streamed(on.random),
  }),
  '/v1/messages/count_tokens': (on) => ({
    model: 'claude',
    messages: [{ role: 'user', content: message(on) }],
  }),
};

function limited(random: Random, name: string): object {
  return random.chance(0.5) ? { [name]: 1 + random.below(100) } : {};
}

function streamed(random: Random, more: object = {}): object {
  return random.chance(0.3) ? { stream: true, ...(random.chance(0.7) ? more : {}) } : {};
}

/**
 * Valid fields for a route.
 * @param groupId of the group that its path names, if it does
 */
export function validFields(
  on: Occasion,
  { path, method }: Endpoint,
  schema: Schema,
  groupId: string | undefined,
): Fields {
  const known = RELAYED[path]?.(on) ?? limitsBody(on, path, method, groupId);
  if (known) return Object.entries(known).map(([name, it]) => [name, JSON.stringify(it)]);
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties)
    .filter(([name]) => required.includes(name) || on.random.chance(0.3))
    .map(([name, inner]) => [name, JSON.stringify(validValue(on, name, inner))]);
}

/** A valid value for a field. */
export function validValue(on: Occasion, name: string, schema: Schema): unknown {
  const { random } = on;
  const isList = schema.type === 'array';
  if (name === 'to' && !isList) return BY_NAME.to_time?.(on);
  const byName = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (byName) return byName(on);
  if (schema.anyOf) return validValue(on, '', random.pick(schema.anyOf));
  if (schema.enum) return random.pick(schema.enum);
  if (schema.type === 'boolean') return random.chance(0.5);
  if (schema.type === 'integer') return random.below(100);
  if (schema.type === 'null') return null;
  return `text ${random.hex(6)}`;
}

/** Fields with something wrong: now and then several things. */
export function mutated(on: Occasion, fields: Fields): Fields {
  const { random, sizes } = on;
  let changed = [...fields];
  do {
    const index = random.below(Math.max(1, changed.length));
    const [name = 'message', json = '""'] = changed[index] ?? [];
    const put = (value: string) => {
      changed = changed.with(index, [name, value]);
    };
    const add = (extra: string, value: string) => changed.push([extra, value]);
    if (changed.length === 0) add(random.pick(FIELD_NAMES), hostileJson(random, sizes));
    random.weighted<() => void>([
      [3, () => void changed.splice(index, 1)],
      [12, () => changed.length > 0 && put(hostileJson(random, sizes))],
      [4, () => changed.length > 0 && put(`[${json}]`)],
      [2, () => changed.length > 0 && put(`{"a":${json}}`)],
      [2, () => changed.length > 0 && put(JSON.stringify(longText(random, sizes)))],
      [3, () => add(name, hostileJson(random, sizes))],
      [5, () => add(random.pick(FIELD_NAMES), hostileJson(random, sizes))],
      [3, () => changed.length > 0 && put(inside(random, json, hostileJson(random, sizes)))],
    ])();
  } while (random.chance(0.25));
  return changed;
}

/** JSON with one of its inner values in place of another one. */
function inside(random: Random, json: string, replacement: string): string {
  const values = [...json.matchAll(/(?<=[:[,])("(?:[^"\\]|\\.)*"|-?\d+)(?=[,\]}])/g)];
  if (values.length === 0) return replacement;
  const { index, 0: old } = random.pick(values);
  return json.slice(0, index) + replacement + json.slice(index + old.length);
}

/** Fields in one of the formats that are accepted. */
export function written(random: Random, fields: Fields, isOnlyJson: boolean): Body {
  const type = isOnlyJson ? JSON_TYPE : random.pick([JSON_TYPE, JSON_TYPE, FORM, MULTIPART]);
  return { contentType: type, bytes: Buffer.from(textOf(type, fields)) };
}

function textOf(type: string, fields: Fields): string {
  if (type === JSON_TYPE) {
    return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  }
  const texts = fields.map(([name, json]): [string, string] => [name, plain(json)]);
  if (type === FORM) return new URLSearchParams(texts).toString();
  const parts = texts.map(
    ([name, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}

/** The text of a JSON text; other values stay as JSON. */
function plain(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : json;
  } catch {
    return json;
  }
}

/** A body whose bytes were damaged, or whose type is another one. */
export function damaged(random: Random, { contentType, bytes }: Body): Body {
  return random.weighted<() => Body>([
    [3, () => ({ contentType, bytes: bytes.subarray(0, random.below(bytes.length + 1)) })],
    [3, () => ({ contentType, bytes: withByte(random, bytes) })],
    [1, () => ({ contentType, bytes: Buffer.concat([Buffer.from('\ufeff'), bytes]) })],
    [1, () => ({ contentType, bytes: Buffer.concat([bytes, bytes]) })],
    [1, () => ({ contentType, bytes: Buffer.from(bytes.toString('utf8'), 'utf16le') })],
    [2, () => ({ contentType: random.pick([JSON_TYPE, FORM, MULTIPART]), bytes })],
    [4, () => ({ contentType: random.pick(CONTENT_TYPES), bytes })],
  ])();
}

const CONTENT_TYPES = [
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;charset="',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/vnd.api+json',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  `multipart/form-data; boundary=${'x'.repeat(300)}`,
  'multipart/mixed; boundary=XBOUNDX',
  '*/*',
  'a',
  '\u00e9/\u00e9',
] as const;

function withByte(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

/** A body that fits no route. */
export function nonsense(random: Random, sizes: Sizes): Body {
  const text = random.weighted<() => string>([
    [3, () => hostileJson(random, sizes)],
    [2, () => deepJson(random)],
    [2, () => wideJson(random, sizes)],
    [1, () => hostileText(random, sizes)],
    [1, () => `a=${'&a='.repeat(random.pick([10, 998, 999, 1_000, 2_000]))}`],
    [1, () => `--${BOUNDARY}\r\n`.repeat(random.pick([1, 10, 500]))],
    [1, () => '{"a":1,'.repeat(50)],
  ])();
  const contentType = random.pick([JSON_TYPE, JSON_TYPE, FORM, MULTIPART]);
  return { contentType, bytes: Buffer.from(text) };
}
