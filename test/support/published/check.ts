/** Checks every answer under `/v1/` against what the two providers publish of their APIs. */
import assert from 'node:assert/strict';
import { createParser } from 'eventsource-parser';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Answer } from '../http.ts';
import { ANTHROPIC_ANSWERS, ANTHROPIC_EVENTS, AnthropicErrorResponse } from './anthropic-shapes.ts';
import { OPENAI_ANSWERS, OPENAI_EVENTS, OpenAiErrorResponse } from './openai-shapes.ts';

/** An answer, with its headers in lower case. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/**
 * Fails unless the answer is as the API describes it whose client asked.
 * @param url the path, or with it
 */
export function assertPublished(
  family: 'openai' | 'anthropic',
  url: string,
  { status, headers, text }: SeenAnswer,
): void {
  const isAnthropic = family === 'anthropic';
  const what = `${status} ${url}: ${text.slice(0, 500)}`;
  const id = headers[isAnthropic ? 'request-id' : 'x-request-id'];
  assert.match(String(id ?? ''), /\S/, `no request id: ${what}`);
  const path = new URL(url, 'http://x').pathname.replace(/(?<=^\/v1\/models\/).+/, '{id}');
  const type = String(headers['content-type'] ?? '');
  if (status >= 400) {
    assert.match(type, /^application\/json/, what);
    const body = JSON.parse(text) as { readonly request_id?: unknown };
    assertFits(isAnthropic ? AnthropicErrorResponse : OpenAiErrorResponse, body, what);
    if (isAnthropic) assert.equal(body.request_id, id, what);
    return;
  }
  if (type.startsWith('text/event-stream')) {
    const schema = (isAnthropic ? ANTHROPIC_EVENTS : OPENAI_EVENTS)[path];
    assert.ok(schema, what);
    assertEvents(schema, path, text);
    return;
  }
  const schema = (isAnthropic ? ANTHROPIC_ANSWERS : OPENAI_ANSWERS)[path];
  assert.ok(schema, `${what} is described nowhere`);
  assertFits(schema, JSON.parse(text), what);
}

/** As `assertPublished`, for an answer of `send`; the path says in which API it is. */
export function published(path: string, answer: Answer): Answer {
  assertPublished(path.startsWith('/v1/messages') ? 'anthropic' : 'openai', path, answer);
  return answer;
}

/** For the clients of a provider: as `fetch`, but fails if an answer is not as described. */
export function checkedFetch(family: 'openai' | 'anthropic'): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const { status, body } = response;
    const headers = Object.fromEntries(response.headers);
    const check = (text: string) => assertPublished(family, url, { status, headers, text });
    if (!String(headers['content-type']).startsWith('text/event-stream') || !body) {
      const text = await response.text();
      check(text);
      return new Response(text, response);
    }
    const decoder = new TextDecoder();
    let text = '';
    // A stream that its reader leaves has no end, and is not checked.
    const checked = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        text += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
      flush: () => check(text),
    });
    return new Response(body.pipeThrough(checked), response);
  };
}

function assertEvents(schema: TSchema, path: string, text: string): void {
  let lastNumber = -1;
  const parser = createParser({
    onEvent({ event, data }) {
      if (data === '[DONE]') return;
      const value = JSON.parse(data) as { readonly type?: string; sequence_number?: number };
      const what = `${path}: ${data}`;
      assertFits(schema, value, what);
      if (path === '/v1/messages' || path === '/v1/responses') {
        assert.equal(event, value.type, `the name of ${what}`);
      }
      if (path !== '/v1/responses') return;
      assert.equal(value.sequence_number, lastNumber + 1, `the number of ${what}`);
      lastNumber = value.sequence_number ?? 0;
    },
  });
  parser.feed(text);
}

function assertFits(schema: TSchema, value: unknown, what: string): void {
  if (Value.Check(schema, value)) return;
  const faults = [...Value.Errors(schema, value)].map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
  assert.fail(`${what}\n${faults.slice(0, 5).join('\n')}`);
}
