/**
 * A provider of images, speech, transcriptions, reranks and moderations that knows its own truth:
 * what a request used and what it bills. It does the dearest that a request lets it do, as far as
 * its documents say.
 */
import type { Price } from '../../src/core/pricing.ts';
import type {
  Provider,
  ProviderRequest,
  ProviderResponse,
} from '../../src/models/provider-client/provider.ts';
import { responseBody } from './response-body.ts';
import type { Counts, Truth } from './truthful-provider.ts';

/** What it does with the next request. Shares are from 0 to 1. */
export interface MediaScript {
  readonly input: number;
  readonly output: number;
  /** Uses more than the request lets it. */
  readonly isExcessive: boolean;
  /** Answers with sound or text in place of JSON, where the API lets it. */
  readonly isBare: boolean;
}

interface Answer {
  readonly counts: Counts;
  readonly tier?: string | undefined;
  readonly answers?: number;
  readonly body: unknown;
}

type Json = Readonly<Record<string, unknown>>;
type Responder = (body: Json, script: MediaScript, price: Price) => Answer;

/** Puts a script in place of the network of a provider. */
export function scriptMedia(
  provider: Provider,
  next: () => { readonly script: MediaScript; readonly price: Price },
  note: (truth: Truth) => unknown,
): void {
  provider.post = async (request) => {
    const { script, price } = next();
    const responder = RESPONDERS[request.path];
    if (!responder) throw new Error(`Nothing answers at ${request.path}.`);
    const { counts, tier, answers = 1, body } = responder(await bodyOf(request), script, price);
    note({ model: request.model, counts, tier, answers });
    return responseWith(body);
  };
}

async function bodyOf({ body, contentType }: ProviderRequest): Promise<Json> {
  const bytes = new Uint8Array(Buffer.concat(body));
  if (contentType === undefined) return JSON.parse(Buffer.from(bytes).toString('utf8'));
  const response = new Response(bytes, { headers: { 'content-type': contentType } });
  return Object.fromEntries(await response.formData());
}

function responseWith(body: unknown): ProviderResponse {
  const isBare = Buffer.isBuffer(body);
  const bytes = isBare ? body : Buffer.from(JSON.stringify(body));
  async function* chunks() {
    yield bytes;
  }
  return {
    contentType: isBare ? 'audio/mpeg' : 'application/json',
    chunks: responseBody(chunks()),
  };
}

const hasRate = ({ rates }: Price, unit: keyof Counts) => rates[unit] !== undefined;
const bytesIn = (text: unknown) => (typeof text === 'string' ? Buffer.byteLength(text) : 0);
const excess = ({ isExcessive }: MediaScript, count: number) =>
  isExcessive ? 3 * count + 5 : count;
/** At least one. */
const shareOf = (share: number, most: number) => Math.max(1, Math.floor(share * most));

/** What OpenAI publishes for 1024 × 1536 pixels; without a quality the model chooses. */
const IMAGE_TOKENS: Readonly<Record<string, number>> = { low: 408, medium: 1_584 };
const MOST_IMAGE_TOKENS = 6_240;
/** More than any model is known to count. */
const AUDIO_TOKENS_PER_SECOND = 32;

const RESPONDERS: Readonly<Record<string, Responder>> = {
  '/images/generations': drawn,
  '/images/edits': drawn,

  '/audio/speech': ({ input, instructions = '' }, { isBare }) => ({
    counts: { character: [...String(input)].length + [...String(instructions)].length },
    body: isBare ? Buffer.from([0xff, 0xfb, 0x90]) : { audio: 'AA' },
  }),

  '/audio/transcriptions': written,
  '/audio/translations': written,

  '/rerank': ({ query, documents }, script, price) => {
    const list = documents as readonly string[];
    const results = list.map((_, index) => ({ index, relevance_score: 0.5 }));
    if (hasRate(price, 'rerank')) {
      // A document is split at 500 tokens, query included; a hundred are a search.
      const room = Math.max(250, 500 - bytesIn(query));
      const parts = list.map((it) => Math.max(1, Math.ceil((script.input * bytesIn(it)) / room)));
      const searches = Math.ceil(parts.reduce((sum, it) => sum + it, 0) / 100);
      const rerank = excess(script, Math.max(1, searches));
      return {
        counts: { rerank },
        body: { results, meta: { billed_units: { search_units: rerank } } },
      };
    }
    const all = list.reduce((sum, it) => sum + bytesIn(it) + bytesIn(query), 0);
    const input = excess(script, shareOf(script.input, all));
    return { counts: { input }, body: { results, usage: { total_tokens: input } } };
  },

  '/moderations': ({ input }, script) => {
    const all = [input].flat().reduce((sum: number, it) => sum + bytesIn(it), 0);
    const tokens = excess(script, shareOf(script.input, all));
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    return {
      counts: { input: tokens },
      body: { id: 'modr', results: [{ flagged: false }], usage },
    };
  },
};

function drawn(body: Json, script: MediaScript, price: Price): Answer {
  const { prompt, n = 1, quality = 'auto', size = 'auto', image } = body as Record<string, never>;
  const count = excess(script, shareOf(script.output, Number(n)));
  const unusual = [
    ['auto', 'standard'].includes(String(quality).toLowerCase()) ? [] : String(quality),
    ['auto', '1024x1024'].includes(String(size).toLowerCase()) ? [] : String(size),
  ].flat();
  const tier = unusual.length === 0 ? undefined : unusual.join('/').toLowerCase();
  const data = Array.from({ length: count }, () => ({ b64_json: 'AA' }));
  const answers = Number(n);
  if (!hasRate(price, 'image_output'))
    return { counts: { image: count }, tier, answers, body: { data } };
  const input = shareOf(script.input, bytesIn(prompt));
  const each = IMAGE_TOKENS[String(quality).toLowerCase()] ?? MOST_IMAGE_TOKENS;
  const output = shareOf(script.output, each * count);
  // Four squares, kept with high fidelity.
  const edited = image === undefined ? 0 : shareOf(script.input, 65 + 4 * 129 + 6_240);
  const usage = {
    input_tokens: input + edited,
    output_tokens: output,
    total_tokens: input + edited + output,
    input_tokens_details: { text_tokens: input, image_tokens: edited },
  };
  return {
    counts: {
      image: count,
      input,
      image_output: output,
      ...(edited ? { image_input: edited } : {}),
    },
    tier,
    answers,
    body: { data, usage },
  };
}

function written({ file, prompt }: Json, script: MediaScript, price: Price): Answer {
  // PCM of 8,000 bytes a second, behind its header.
  const seconds = Math.ceil(((file as File).size - 44) / 8_000);
  const told = excess(script, seconds);
  if (hasRate(price, 'second')) {
    const isBare = script.isBare && !script.isExcessive;
    const usage = { type: 'duration', seconds: told - 0.25 };
    return {
      counts: { second: told },
      body: isBare ? Buffer.from('Zwölf') : { text: 'Zwölf', usage },
    };
  }
  const audio = shareOf(script.input, told * AUDIO_TOKENS_PER_SECOND);
  const text = bytesIn(prompt);
  const output = shareOf(script.output, 2_000);
  const usage = {
    type: 'tokens',
    input_tokens: audio + text,
    input_token_details: { audio_tokens: audio, text_tokens: text },
    output_tokens: output,
  };
  return { counts: { audio_input: audio, input: text, output }, body: { text: 'Zwölf', usage } };
}
