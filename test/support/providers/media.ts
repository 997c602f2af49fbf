/** The APIs of OpenAI, and of rerankers, whose answers are not written by a language model. */
import type { Behaviour } from './behaviour.ts';
import type { RecordedRequest } from './requests.ts';
import { type JsonObject, modelIn, numberIn, objectIn, Refused } from './shared-shapes.ts';

/** An answer: JSON unless it has a type of its own. */
interface MediaAnswer {
  readonly type?: string;
  readonly body: unknown;
}

type Responder = (
  request: RecordedRequest,
  behaviour: Behaviour,
) => MediaAnswer | Promise<MediaAnswer>;

/** What an image looks like. */
const PIXEL = Buffer.from('PNG').toString('base64');
/** What speech sounds like: bytes that are not UTF-8. */
export const SOUND = Buffer.from([0xff, 0xfb, 0x90, 0x64, 0, 0xc3, 0x28, 0, 0x80, 0xfe]);

/** By path; a behaviour's `rawUsage` stands where each has its usage. */
export const MEDIA: Readonly<Record<string, Responder>> = {
  '/v1/images/generations': ({ json }, { rawUsage }) => {
    const body = objectIn(json);
    modelIn(body);
    const data = Array.from({ length: numberIn(body.n) ?? 1 }, () => ({ b64_json: PIXEL }));
    return { body: { created: 1_715_367_049, data, usage: rawUsage } };
  },
  '/v1/images/edits': async (request, { rawUsage }) => {
    const form = await formOf(request);
    const images = [...form.getAll('image'), ...form.getAll('image[]')];
    if (images.length === 0 || images.some((it) => typeof it === 'string'))
      throw new Refused(400, "Missing required parameter: 'image'.");
    const count = Number(form.get('n') ?? 1);
    const data = Array.from({ length: count }, () => ({ b64_json: PIXEL }));
    return { body: { created: 1_715_367_049, data, usage: rawUsage } };
  },
  '/v1/audio/speech': ({ json }) => {
    modelIn(objectIn(json));
    return { type: 'audio/mpeg', body: SOUND };
  },
  '/v1/audio/transcriptions': written,
  '/v1/audio/translations': written,
  '/v1/moderations': ({ json }, { rawUsage }) => {
    const body = objectIn(json);
    const results = [body.input].flat().map(() => ({
      flagged: false,
      categories: { violence: false },
      category_scores: { violence: 0.01 },
      category_applied_input_types: { violence: ['text'] },
    }));
    return { body: { id: 'modr-1', model: modelIn(body), results, usage: rawUsage } };
  },
  '/v1/rerank': ({ json }, { rawUsage = { usage: { total_tokens: 20 } } }) => {
    const body = objectIn(json);
    modelIn(body);
    const { documents } = body;
    if (!Array.isArray(documents)) throw new Refused(400, 'documents is required');
    const results = documents.map((_, index) => ({ index, relevance_score: 0.5 }));
    return { body: { id: 'rr-1', results, ...(rawUsage as JsonObject) } };
  },
};

async function written(
  request: RecordedRequest,
  { rawUsage, text = 'Zwölf Boxkämpfer' }: Behaviour,
): Promise<MediaAnswer> {
  const form = await formOf(request);
  const file = form.get('file');
  if (!(file instanceof File)) throw new Refused(400, "Missing required parameter: 'file'.");
  const format = form.get('response_format') ?? 'json';
  if (format === 'text')
    return { type: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
  const duration = format === 'verbose_json' ? { duration: 7.5 } : {};
  return { body: { text, ...duration, usage: rawUsage } };
}

/** The form of a request. */
export function formOf({ body, headers }: RecordedRequest): Promise<FormData> {
  const type = headers['content-type'] ?? '';
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
}

/** PCM of so many seconds, 8,000 bytes for each. */
export function wave(seconds: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  return Buffer.concat([head, Buffer.alloc(seconds * 8_000 - 44, 0x80)]);
}
