/** Images, speech, transcriptions, moderations and reranks by OpenAI's client: what each costs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import type { Price } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { formOf, SOUND, wave } from '../../support/providers/media.ts';
import { checkedFetch } from '../../support/published/check.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

const OPENING = 4_000;
const PRICES: Readonly<Record<string, Price>> = {
  'dall-e': {
    rates: { image: [40, 1] },
    tiers: { hd: [2, 1], 'hd/1792x1024': [3, 1] },
  },
  'gpt-image': {
    rates: { input: [1, 2], output: [1, 8], image_input: [1, 1], image_output: [1, 4] },
  },
  'gpt-drawing': { rates: { input: [1, 2], output: [1, 8], image_output: [1, 4] } },
  tts: { rates: { character: [1, 2] } },
  whisper: { rates: { second: [3, 2] } },
  'whisper-large': { rates: { second: [1, 1] } },
  'gpt-transcribe': { rates: { input: [1, 1], audio_input: [2, 1], output: [1, 8] } },
  moderation: { rates: { message: [7, 1] } },
  searches: { rates: { rerank: [9, 1] } },
  tokens: { rates: { input: [1, 2], output: [0, 1] } },
  text: TOKEN_PRICE,
};

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;
let client: OpenAI;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  const provider = providerAt(emulator, 'openai');
  server = await startModelServer(
    Object.entries(PRICES).map(([name, price]) => {
      const fallbacks = name === 'whisper' ? ['whisper-large'] : [];
      const upstreamModel = name === 'whisper-large' ? 'emulated-large' : 'emulated-small';
      return modelAt(provider, name, { price, fallbacks, upstreamModel, outputTokens: undefined });
    }),
  );
});
beforeEach(async () => {
  emulator.reset();
  user = await server.newUser();
  client = new OpenAI({
    apiKey: user.key,
    baseURL: `${server.url}/v1`,
    maxRetries: 0,
    fetch: checkedFetch('openai'),
  });
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

async function assertCharged(credits: number): Promise<void> {
  await server.chit.context.generations.idle();
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: OPENING - credits,
    heldCredits: 0,
  });
}

async function grant(credits: number): Promise<void> {
  const { ledger, now } = server.chit.context;
  const ids = { transferId: `more-${user.userId}`, accountId: user.userId, credits };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
}

/** The answer to a request that the SDK has no method for, or would not make. */
function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${user.key}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

/** A refusal before anybody is asked. */
async function assertRefused(asked: Promise<unknown>, words: RegExp): Promise<void> {
  await assert.rejects(asked, words);
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
}

async function transcribe(file: Buffer, model = 'whisper', more: object = {}) {
  const upload = await toFile(file, 'a "b".wav', { type: 'audio/wav' });
  return client.audio.transcriptions.create({ model, file: upload, ...more });
}

test('images are charged one by one, by size and quality', async () => {
  const prompt = 'Zwölf Boxkämpfer';
  const { data } = await client.images.generate({ model: 'dall-e', prompt, n: 3 });
  assert.equal(data?.length, 3);
  assert.deepEqual(emulator.requests[0]?.json, { model: 'emulated-small', prompt, n: 3 });
  await assertCharged(120);
  const usual = { quality: 'standard', size: '1024x1024' } as const;
  await client.images.generate({ model: 'dall-e', prompt, ...usual });
  await client.images.generate({ model: 'dall-e', prompt, quality: 'hd', size: '1792x1024' });
  await assertCharged(120 + 40 + 120);
});

test('a size that has no price, and drawings, are refused by the setting that allows them', async () => {
  const ask = (more: object) =>
    client.images.generate({ model: 'dall-e', prompt: 'x', ...more } as never);
  await assertRefused(
    ask({ size: '1792x1024' }),
    /400 "size" .*"1792x1024" in the "tiers" of its price or "allowUnpriced": \["image_sizes"\]/,
  );
  // The tier of a service is no quality.
  await assertRefused(ask({ quality: 'flex' }), /400 "quality" must be one of/);
  await assertRefused(ask({ quality: 'high' }), /400 "quality" .*"high" in the "tiers"/);
  await assertRefused(ask({ output_format: 'svg' }), /400 "output_format" .*"image_formats"/);
  await assertRefused(ask({ stream: true }), /400 "stream" must be false\. There are no streams/);
  await assertRefused(
    ask({ n: 101 }),
    /402 This request needs 4040 tokens, but only 4000 of your balance are available\.$/,
  );
});

test('an image model that counts tokens is charged by them, whatever the size', async () => {
  emulator.behave({
    rawUsage: {
      input_tokens: 30,
      input_tokens_details: { text_tokens: 20, image_tokens: 10 },
      output_tokens: 1_056,
      total_tokens: 1_086,
    },
  });
  const asked = { model: 'gpt-image', prompt: 'x', quality: 'medium', size: '1024x1536' } as const;
  const answer = await client.images.generate(asked);
  assert.equal(answer.usage?.output_tokens, 1_056);
  await assertCharged(10 + 10 + 264);
  // 6,240 tokens each can cost more than there is.
  const high = client.images.generate({ ...asked, quality: 'high', n: 3 });
  await assert.rejects(high, /402 This request needs 4\d{3} tokens/);
});

test('an edit is charged by the image, or by the tokens of what it reads and makes', async () => {
  const image = await toFile(Buffer.from('\x89PNG, or so'), 'a.png', { type: 'image/png' });
  const edited = await client.images.edit({ model: 'dall-e', image, prompt: 'Ein Hut', n: 2 });
  assert.equal(edited.data?.length, 2);
  await assertCharged(80);
  const [request] = emulator.requests;
  assert.ok(request);
  const form = await formOf(request);
  assert.equal(form.get('model'), 'emulated-small');
  assert.equal(form.get('n'), '2');
  assert.equal(await (form.get('image') as File).text(), await image.text());
  emulator.behave({
    rawUsage: {
      input_tokens: 420,
      input_tokens_details: { text_tokens: 32, image_tokens: 388 },
      output_tokens: 272,
      total_tokens: 692,
    },
  });
  await grant(30_000);
  const both = [image, image];
  await client.images.edit({ model: 'gpt-image', image: both, prompt: 'x', quality: 'low' });
  await assertCharged(80 + 16 + 388 + 68 - 30_000);
  const second = await formOf(emulator.requests[1] as (typeof emulator.requests)[number]);
  assert.equal(second.getAll('image[]').length, 2);
});

test('what an edit can cost is held, and what has no price is refused', async () => {
  const image = await toFile(Buffer.from('\x89PNG, or so'), 'a.png', { type: 'image/png' });
  const ask = (more: object) =>
    client.images.edit({ model: 'dall-e', image, prompt: 'x', ...more } as never);
  // 10,000 tokens of an image that is read.
  await assertRefused(ask({ model: 'gpt-image' }), /402 This request needs 1\d{4} tokens/);
  await assertRefused(ask({ n: 101 }), /402 This request needs 4040 tokens/);
  await assertRefused(ask({ n: 0 }), /400 "n" must be an integer from 1 to 128/);
  await assertRefused(ask({ size: '1792x1024' }), /400 "size" .*"1792x1024" in the "tiers"/);
  await assertRefused(ask({ output_format: 'gif' }), /400 "output_format" .*"image_formats"/);
  await assertRefused(ask({ model: 'gpt-drawing' }), /400 "image" .*"perMillionImageInput"/);
  await assertRefused(
    ask({ image: [], image_url: 'https://x/' }),
    /400 "image_url" must be left out/,
  );
  const json = await post('/images/edits', { model: 'dall-e', prompt: 'x' });
  assert.equal(json.status, 415);
  assert.equal(emulator.requests.length, 0);
});

test('a translation is charged as a transcription', async () => {
  const upload = async () => toFile(wave(10), 'a.wav', { type: 'audio/wav' });
  const asked = { model: 'whisper', file: await upload() };
  assert.equal((await client.audio.translations.create(asked)).text, 'Zwölf Boxkämpfer');
  await assertCharged(15);
  const verbose = { ...asked, file: await upload(), response_format: 'verbose_json' } as const;
  await client.audio.translations.create(verbose);
  // The provider says 7.5 seconds, which are 8.
  await assertCharged(15 + 12);
  assert.equal(emulator.requests[0]?.path, '/v1/audio/translations');
});

test('speech is charged by the character and relayed byte by byte', async () => {
  const asked = { model: 'tts', voice: 'alloy', input: 'Zwölf 👊 Box', instructions: 'leise' };
  const answer = await client.audio.speech.create(asked);
  assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), SOUND);
  // 11 characters and 5, where UTF-16 has 12 and 5.
  await assertCharged(8);
  const unpriced = client.audio.speech.create({ ...asked, model: 'text' });
  await assert.rejects(
    unpriced,
    /400 "input" .*"perMillionCharacters" in its price .*\["speech"\]/,
  );
  const streamed = client.audio.speech.create({ ...asked, stream_format: 'sse' });
  await assert.rejects(streamed, /400 "stream_format" must be "audio"/);
  const long = client.audio.speech.create({ ...asked, input: 'x'.repeat(9_000) });
  await assert.rejects(long, /402 This request needs 4503 tokens/);
  assert.equal(emulator.requests.length, 1);
  await assertCharged(8);
});

test('sound is not kept for a retry with the same idempotency key, and not charged again', async () => {
  const asked = { model: 'tts', voice: 'alloy', input: 'Zwölf' };
  const headers = { 'idempotency-key': 'k' };
  assert.equal((await post('/audio/speech', asked, headers)).status, 200);
  assert.equal((await post('/audio/speech', asked, headers)).status, 409);
  await assertCharged(3);
});

test('a transcription is charged by the seconds that the provider reports', async () => {
  emulator.behave({ rawUsage: { type: 'duration', seconds: 9 } });
  const file = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(64_000, 7)]);
  const granularities = { timestamp_granularities: ['word', 'segment'], language: 'de' };
  const answer = await transcribe(file, 'whisper', granularities);
  assert.equal(answer.text, 'Zwölf Boxkämpfer');
  await assertCharged(14);
  const [request] = emulator.requests;
  assert.ok(request);
  const form = await formOf(request);
  assert.equal(form.get('model'), 'emulated-small');
  assert.equal(form.get('language'), 'de');
  assert.deepEqual(form.getAll('timestamp_granularities[]'), ['word', 'segment']);
  const sent = form.get('file') as File;
  assert.equal(sent.name, 'a "b".wav');
  assert.equal(sent.type, 'audio/wav');
  assert.deepEqual(Buffer.from(await sent.arrayBuffer()), file);
});

test('a form is sent again to a provider that was busy, and to the fallback', async () => {
  emulator.behaveNext({ refuse: { status: 429, retryAfter: 0 } }, { refuse: { status: 500 } });
  emulator.behave({ rawUsage: { type: 'duration', seconds: 2 } });
  await transcribe(wave(2), 'whisper');
  const models = [];
  for (const request of emulator.requests) {
    const form = await formOf(request);
    assert.equal((form.get('file') as File).size, 16_000);
    models.push(form.get('model'));
  }
  assert.deepEqual(models, ['emulated-small', 'emulated-small', 'emulated-large']);
  await assertCharged(2);
});

test('a transcription without usage is charged by the length of the file', async () => {
  await transcribe(wave(10));
  await assertCharged(15);
  // A WAV file says how long it is.
  assert.equal(
    String(await transcribe(wave(10), 'whisper', { response_format: 'text' })).trim(),
    'Zwölf Boxkämpfer',
  );
  await assertCharged(30);
  const mp3 = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(40_000, 7)]);
  const unknown = transcribe(mp3, 'whisper', { response_format: 'text' });
  await assert.rejects(unknown, /400 "response_format" .*"unknown_duration"/);
  assert.equal(emulator.requests.length, 2);
});

test('a transcription model that counts tokens is charged by them', async () => {
  emulator.behave({
    rawUsage: {
      type: 'tokens',
      input_tokens: 110,
      input_token_details: { text_tokens: 10, audio_tokens: 100 },
      output_tokens: 16,
      total_tokens: 126,
    },
  });
  await transcribe(wave(10), 'gpt-transcribe');
  await assertCharged(10 + 200 + 2);
});

test('what a file can cost at most is held, however it lies', async () => {
  // 8 kbit/s is the lowest rate of MPEG audio: 2,700 seconds.
  const long = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(2_699_997, 7)]);
  await assertRefused(transcribe(long), /402 This request needs 4050 tokens/);
  await assertRefused(
    transcribe(wave(10), 'text'),
    /400 "file" .*"perSecond" or "perMillionAudioInput" in its price/,
  );
});

test('forms that can be read in two ways, or have no file, are refused', async () => {
  const ask = async (change: (form: FormData) => void) => {
    const form = new FormData();
    form.set('model', 'whisper');
    form.set('file', new File([new Uint8Array(wave(1))], 'a.wav'));
    change(form);
    const headers = { authorization: `Bearer ${user.key}` };
    const url = `${server.url}/v1/audio/transcriptions`;
    const response = await fetch(url, { method: 'POST', headers, body: form });
    const { error } = (await response.json()) as { error: { message: string } };
    return `${response.status} ${error.message}`;
  };
  assert.match(await ask((form) => form.append('model', 'text')), /^400 "model" is given twice/);
  assert.match(await ask((form) => form.set('file', 'x')), /^400 "file" must be a file/);
  assert.match(await ask((form) => form.set('stream', 'true')), /^400 "stream" must be "false"/);
  const long = (form: FormData) => form.set('prompt', 'x'.repeat(1_100_000));
  assert.match(await ask(long), /^413 /);
  const many = (form: FormData) => {
    for (let at = 0; at < 100; at += 1) form.append('include[]', 'x');
  };
  assert.match(await ask(many), /^400 Multipart form parse error/);
  const json = await post('/audio/transcriptions', { model: 'whisper' });
  assert.equal(json.status, 415);
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
});

test('a form that is sent again with its idempotency key is charged once', async () => {
  const headers = { 'idempotency-key': 'form' };
  const again = async (seconds: number) =>
    client.audio.transcriptions.create(
      { model: 'whisper', file: await toFile(wave(seconds), 'a.wav') },
      { headers },
    );
  assert.equal((await again(10)).text, (await again(10)).text);
  assert.equal(emulator.requests.length, 1);
  await assert.rejects(again(11), /422/);
  await assertCharged(15);
});

test('moderations cost what a message does', async () => {
  const { results } = await client.moderations.create({ model: 'moderation', input: ['a', 'b'] });
  assert.equal(results.length, 2);
  await assertCharged(7);
  await client.moderations.create({ model: 'text', input: 'Wer jagt?' });
  const { postedCredits } = await server.balanceOf(user.userId);
  assert.ok(postedCredits < OPENING - 7 && postedCredits > OPENING - 20, `${postedCredits}`);
});

test('a rerank is charged by its searches or its tokens', async () => {
  const documents = Array.from({ length: 201 }, () => 'Zwölf Boxkämpfer');
  const asked = { model: 'searches', query: 'Wer jagt?', documents };
  // Without a word of the provider, a search has 100 documents.
  const answer = await post('/rerank', asked);
  const { results } = (await answer.json()) as { results: unknown[] };
  assert.equal(results.length, 201);
  await assertCharged(27);
  emulator.behave({ rawUsage: { meta: { billed_units: { search_units: 2 } } } });
  await post('/rerank', asked);
  await assertCharged(45);
  emulator.behave({ rawUsage: { usage: { total_tokens: 30 } } });
  await post('/rerank', { ...asked, model: 'tokens', documents: ['a'] });
  await assertCharged(60);
  const pictures = await post('/rerank', { ...asked, documents: [{ image: 'https://x/' }] });
  assert.equal(pictures.status, 400);
});

test('the query of a rerank is held once for each document', async () => {
  const held = Promise.withResolvers<number>();
  emulator.behave(() => {
    server.balanceOf(user.userId).then(({ heldCredits }) => held.resolve(heldCredits));
    return { headDelayMs: 20, rawUsage: { usage: { total_tokens: 50 * 33 } } };
  });
  const documents = Array.from({ length: 50 }, () => 'a');
  await post('/rerank', { model: 'tokens', query: 'x y '.repeat(16), documents });
  assert.ok((await held.promise) >= (50 * 65) / 2, `${await held.promise}`);
  await assertCharged((50 * 33) / 2);
});

test("a provider's refusal passes on in its shape, and costs nothing", async () => {
  emulator.behave({ refuse: { status: 400, message: 'Your prompt was rejected.' } });
  const rejected = /400 Your prompt was rejected\./;
  await assert.rejects(client.images.generate({ model: 'dall-e', prompt: 'x' }), rejected);
  const speech = { model: 'tts', voice: 'alloy', input: 'x' } as const;
  await assert.rejects(client.audio.speech.create(speech), rejected);
  await assert.rejects(transcribe(wave(1)), rejected);
  await assert.rejects(client.moderations.create({ model: 'moderation', input: 'x' }), rejected);
  await assertCharged(0);
});

test('a client that leaves pays for the image that it asked for', async () => {
  const asked = Promise.withResolvers<void>();
  const leaving = new AbortController();
  emulator.behave(() => {
    asked.resolve();
    return { headDelayMs: 50 };
  });
  const request = client.images.generate(
    { model: 'dall-e', prompt: 'x' },
    { signal: leaving.signal },
  );
  await asked.promise;
  leaving.abort();
  await assert.rejects(request);
  await assertCharged(40);
  assert.equal(emulator.requests[0]?.isAborted, false);
});

test('models without a price for text are not asked for text, nor shown where one chats', async () => {
  const headers = { authorization: `Bearer ${user.access}`, 'content-type': 'application/json' };
  const message = JSON.stringify({ message: 'x', model: 'dall-e' });
  const options = { method: 'POST', headers, body: message };
  assert.equal((await fetch(`${server.url}/api/chat/`, options)).status, 400);
  const list = await fetch(`${server.url}/api/models/`, { headers });
  const { models } = (await list.json()) as { models: { name: string }[] };
  assert.deepEqual(
    models.map(({ name }) => name),
    ['gpt-image', 'gpt-drawing', 'gpt-transcribe', 'moderation', 'tokens', 'text'],
  );
  const { data } = await client.models.list();
  assert.equal(data.length, Object.keys(PRICES).length);
  const chat = { model: 'dall-e', messages: [{ role: 'user', content: 'x' }] };
  assert.equal((await post('/chat/completions', chat)).status, 400);
  assert.equal((await post('/embeddings', { model: 'tts', input: 'x' })).status, 400);
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
});

test('what cannot be counted before is held at its most, however little there is', async () => {
  const { ledger, now } = server.chit.context;
  const ids = { transferId: `poor-${user.userId}`, accountId: user.userId, credits: -3_900 };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
  const documents = Array.from({ length: 50 }, () => 'a');
  const ask = { model: 'tokens', query: 'x y '.repeat(16), documents };
  assert.equal((await post('/rerank', ask)).status, 402);
  await assert.rejects(transcribe(wave(10), 'gpt-transcribe'), /402/);
  assert.equal(emulator.requests.length, 0);
});
