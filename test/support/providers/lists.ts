/** The routes of the emulated providers that no model writes an answer for. */
import { type Behaviour, countsOf, countTokens } from './behaviour.ts';
import { type JsonObject, modelIn, numberIn, Refused } from './shared-shapes.ts';

const DEFAULT_DIMENSIONS = 8;

/** The answer to POST /v1/embeddings: unit vectors, the same for the same text. */
export function openAiEmbeddings(body: JsonObject, behaviour: Behaviour): unknown {
  const model = modelIn(body);
  const inputs = inputsIn(body.input);
  const dimensions = numberIn(body.dimensions) ?? DEFAULT_DIMENSIONS;
  const data = inputs.map((input, index) => {
    const vector = vectorOf(JSON.stringify(input), dimensions);
    const isBase64 = body.encoding_format === 'base64';
    return { object: 'embedding', index, embedding: isBase64 ? base64Of(vector) : vector };
  });
  const tokens = inputs.reduce<number>((sum, input) => sum + tokensOf(input), 0);
  return { object: 'list', data, model, usage: usageOf(tokens, behaviour) };
}

/** The answer to GET /v1/models as OpenAI gives it. */
export function openAiModels(models: readonly string[]): unknown {
  const created = 1_715_367_049;
  const data = models.map((id) => ({ id, object: 'model', created, owned_by: 'system' }));
  return { object: 'list', data };
}

/** The answer to GET /v1/models as Anthropic gives it. */
export function anthropicModels(models: readonly string[]): unknown {
  const created = '2025-02-19T00:00:00Z';
  const data = models.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: created,
  }));
  const ends = { first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
  return { data, has_more: false, ...ends };
}

/** One text, several, one list of tokens, or several: OpenAI takes all of them. */
function inputsIn(input: unknown): readonly unknown[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) {
    throw new Refused(400, "Missing required parameter: 'input'.");
  }
  return typeof input[0] === 'number' ? [input] : input;
}

function tokensOf(input: unknown): number {
  return Array.isArray(input) ? input.length : countTokens(input);
}

function usageOf(tokens: number, behaviour: Behaviour): unknown {
  const counts = countsOf(tokens, 0, behaviour);
  if (behaviour.rawUsage !== undefined || !counts) return behaviour.rawUsage;
  return { prompt_tokens: counts.inputTokens, total_tokens: counts.inputTokens };
}

/** Single precision, so that both encodings give the same numbers. */
function vectorOf(text: string, dimensions: number): number[] {
  let state = 1;
  for (const character of text) state = (state * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const raw = Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const length = Math.hypot(...raw) || 1;
  return raw.map((it) => Math.fround(it / length));
}

function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, it] of vector.entries()) bytes.writeFloatLE(it, index * 4);
  return bytes.toString('base64');
}
