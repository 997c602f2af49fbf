/** The SDK examples of docs/api.md run, in JavaScript, and what it says of errors is so. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ErrorCode } from '../../src/core/errors.ts';
import { toHttpError } from '../../src/http/framework/errors.ts';
import { codeBlocks, documentText } from '../support/documents.ts';
import { getWith, postJson, send } from '../support/http.ts';
import { startProviderEmulator } from '../support/providers/emulator.ts';
import { newFolder, newUser, startServerFor } from '../support/server.ts';

const PAGE = documentText('docs/api.md');
const ADDRESS = 'http://127.0.0.1:8000';
/** Some details for any code. */
const DETAILS = {
  fields: {},
  retryAfterSeconds: 1,
  exceeded: { who: 'account', what: 'requests', quota: 1 },
  states: [],
  message: '',
  neededCredits: 2,
  availableCredits: 1,
  budget: 'own',
  member: 'n',
  expected: 'a number',
  remedy: 'a setting',
  model: 'small',
  lacks: 'model',
  chargedCredits: 0,
  isOutcomeUnknown: false,
};
/** The constructor of functions that await. */
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<unknown>;

test('the examples get their replies, and are charged for', async (context) => {
  const provider = await startProviderEmulator();
  context.after(() => provider.close());
  const folder = newFolder();
  const price = { perMessage: 10 };
  const deployment = {
    providers: {
      first: { wire: 'openai', baseUrl: `${provider.url}/v1` },
      second: { wire: 'anthropic', baseUrl: provider.url },
    },
    models: [
      { name: 'small', provider: 'first', upstream: 'a', price },
      { name: 'claude', provider: 'second', upstream: 'b', price },
    ],
  };
  writeFileSync(join(folder, 'chit.json'), JSON.stringify(deployment));
  const server = await startServerFor(context, {}, folder);
  const { access } = await newUser(server.url, 'ada');
  const made = await postJson(`${server.url}/api/keys/`, { name: 'sdk' }, access);
  const { key } = made.json as { key: string };
  const examples = codeBlocks(PAGE, 'ts');
  assert.equal(examples.length, 2);
  for (const example of examples) {
    const code = example
      .replace(/^import .*$/gm, '')
      .replaceAll(ADDRESS, server.url)
      .replace("'KEY'", `'${key}'`);
    await new AsyncFunction('OpenAI', 'Anthropic', 'process', code)(OpenAI, Anthropic, {
      stdout: { write: () => true },
    });
  }
  assert.equal(provider.requests.length, examples.length);
  const { json } = await getWith(`${server.url}/api/tokens/`, access);
  assert.deepEqual(json, { tokens: 4_000 - 10 * examples.length });

  // Every path under /v1/ that the page names is in the description.
  const description = await send(`${server.url}/openapi.json`);
  const { paths } = description.json as { paths: Record<string, unknown> };
  const named = new Set([...PAGE.matchAll(/`(\/v1\/[\w/]+)`/g)].map(([, path]) => path ?? ''));
  assert.deepEqual(
    [...named].filter((path) => !(path in paths)),
    [],
  );
  assert.ok(named.size > 10);
});

test('the codes and statuses that pages name are those of the program', () => {
  const codes = [...PAGE.matchAll(/^\| (\d{3}) \| ([^|]*) \|/gm)].flatMap(
    ([, status, names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, code]) => [code ?? '', Number(status)] as const),
  );
  const refusals = documentText('docs/limits.md', 'What a refusal says');
  for (const [, code = '', status] of refusals.matchAll(/^\| `(\w+)` \| (\d{3})/gm)) {
    codes.push([code, Number(status)]);
  }
  assert.ok(codes.length > 28, String(codes.length));
  for (const [code, status] of codes) {
    // A balance that is short has a status of its own in the API that existing clients know.
    const expected = code === 'insufficient_credits' ? 400 : status;
    assert.equal(toHttpError(code as ErrorCode, DETAILS as never).statusCode, expected, code);
  }
});
