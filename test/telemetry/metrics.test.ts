/** What Prometheus is shown of a server, and to whom. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getWith, postJson, send } from '../support/http.ts';
import { type ProviderEmulator, startProviderEmulator } from '../support/providers/emulator.ts';
import { newFolder, newUser } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

const TOKEN = 'a-token-for-prometheus';
const folder = newFolder();
let dead: ProviderEmulator;
let alive: ProviderEmulator;
let server: ServerHere;
let access: string;

before(async () => {
  dead = await startProviderEmulator();
  alive = await startProviderEmulator();
  const at = ({ url }: ProviderEmulator) => ({ wire: 'openai', baseUrl: `${url}/v1` });
  const file = join(folder, 'chit.json');
  const deployment = {
    providers: { first: at(dead), second: at(alive) },
    models: [
      { name: 'cheap', provider: 'first', price: { perMessage: 10 }, fallbacks: ['dear'] },
      { name: 'dear', provider: 'second', price: { perMessage: 20 } },
    ],
  };
  writeFileSync(file, JSON.stringify(deployment));
  server = await startServerHere({ CHIT_CONFIG: file, CHIT_METRICS_TOKEN: TOKEN });
  ({ access } = await newUser(server.url, 'ada'));
});
after(async () => {
  await server.stop();
  await dead.close();
  await alive.close();
  rmSync(folder, { recursive: true });
});

/** The samples, each by its name and labels. */
async function samples(): Promise<Map<string, number>> {
  const { status, text } = await getWith(`${server.url}/metrics`, TOKEN);
  assert.equal(status, 200, text);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** By how much samples grow meanwhile. */
async function growthBy(act: () => Promise<void>): Promise<(sample: string) => number> {
  const before = await samples();
  await act();
  const later = await samples();
  return (sample) => {
    assert.ok(later.has(sample), `there is no ${sample}`);
    return (later.get(sample) ?? 0) - (before.get(sample) ?? 0);
  };
}

const chat = (message = 'Hi', model = 'cheap') =>
  postJson(`${server.url}/api/chat/`, { message, model }, access);

test('a dead provider whose fallback answers is seen: its errors, the fallback, the model', async () => {
  dead.behave({ refuse: { status: 501 } });
  const grown = await growthBy(async () => {
    for (let tries = 0; tries < 3; tries += 1) assert.equal((await chat()).status, 200);
  });
  const failing = (await samples()).get('chit_model_failing{model="cheap"}');
  dead.behave({});
  assert.equal(grown('chit_provider_errors_total{provider="first",kind="endpoint"}'), 3);
  assert.equal(grown('chit_provider_errors_total{provider="second",kind="endpoint"}'), 0);
  assert.equal(grown('chit_model_attempts_total{model="cheap",result="failed"}'), 3);
  assert.equal(grown('chit_model_attempts_total{model="dear",result="answered"}'), 3);
  const fallback = 'chit_fallback_replies_total{model="cheap",fallback="dear",price="dearer"}';
  assert.equal(grown(fallback), 3);
  assert.equal(grown('chit_generations_total{model="dear",outcome="finished"}'), 3);
  assert.equal(grown('chit_generations_total{model="cheap",outcome="finished"}'), 0);
  assert.equal(failing, 1);
});

test('an endpoint that rests, and a retry that hides its failure, are seen', async () => {
  dead.behaveNext({ refuse: { status: 503 } });
  const grown = await growthBy(async () => {
    const asked = chat();
    await dead.waitForRequests(1);
    assert.equal((await asked).status, 200);
  });
  assert.equal(grown('chit_provider_errors_total{provider="first",kind="busy"}'), 1);
  assert.equal(grown('chit_model_attempts_total{model="cheap",result="answered"}'), 1);
  const names = [...(await samples()).keys()];
  assert.ok(names.includes('chit_provider_endpoints_resting{provider="first",reason="failing"}'));
});

test('what is charged, granted and used is counted as the ledger booked it', async () => {
  const balance = async () =>
    ((await getWith(`${server.url}/api/tokens/`, access)).json as { tokens: number }).tokens;
  const had = await balance();
  const grown = await growthBy(async () => {
    assert.equal((await chat('Hi', 'dear')).status, 200);
    await newUser(server.url, 'bob');
  });
  assert.equal(had - (await balance()), 20);
  assert.equal(grown('chit_credits_charged_total'), 20);
  assert.equal(grown('chit_credits_granted_total{by="signup"}'), 4_000);
  assert.equal(grown('chit_credits_shortfall_total'), 0);
  assert.equal(grown('chit_generation_duration_seconds_count{model="dear"}'), 1);
  assert.equal(grown('chit_generation_first_token_seconds_count{model="dear"}'), 1);
  assert.ok(grown('chit_ledger_batch_commands_sum') >= 3);
});

test('requests are counted by the pattern of their path, and errors by their code', async () => {
  const grown = await growthBy(async () => {
    for (const id of [1, 2]) await getWith(`${server.url}/api/conversations/${id}/`, access);
    for (const path of ['/api/nope/', '/wp-login.php', '/%']) await send(`${server.url}${path}`);
    await postJson(`${server.url}/api/chat/`, { message: 'Hi', model: 'none' }, access);
  });
  const conversation = 'method="GET",route="/api/conversations/:id/"';
  assert.equal(grown(`chit_http_requests_total{${conversation},status="404"}`), 2);
  assert.equal(grown('chit_http_requests_total{method="GET",route="(none)",status="404"}'), 2);
  assert.equal(grown('chit_http_requests_total{method="GET",route="(none)",status="400"}'), 1);
  assert.equal(grown('chit_http_errors_total{code="conversation_not_found"}'), 2);
  assert.equal(grown('chit_http_errors_total{code="model_not_found"}'), 1);
  assert.equal(grown('chit_http_errors_total{code="not_found"}'), 2);
  const all = [...(await samples()).keys()].join('\n');
  assert.doesNotMatch(all, /wp-login|nope|\b(ada|bob)\b/);
});

test('whoever has no token is told that there is no such path', async () => {
  const bare = await send(`${server.url}/metrics`);
  const wrong = await getWith(`${server.url}/metrics`, `${TOKEN}x`);
  for (const { status, text } of [bare, wrong]) {
    assert.equal(status, 404);
    assert.doesNotMatch(text, /chit_/);
  }
});

test('every metric says what it is, and is named as Prometheus asks', async () => {
  const { text } = await getWith(`${server.url}/metrics`, TOKEN);
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const ours = [...types].filter(([name]) => name.startsWith('chit_'));
  assert.ok(ours.length > 35, String(ours.length));
  for (const [name, type] of ours) {
    assert.match(text, new RegExp(`^# HELP ${name} [A-Z0-9].*\\.$`, 'm'));
    assert.equal(name.endsWith('_total'), type === 'counter', name);
  }
});

test('every metric and label that the dashboard and the alerts name exists', async () => {
  const known = new Map<string, Set<string>>();
  for (const sample of (await samples()).keys()) {
    const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(sample) ?? [];
    const of = known.get(name) ?? new Set();
    known.set(name, of);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) of.add(label);
  }
  // Shown by whoever scrapes, or once there is something to show.
  known.set('up', new Set());
  known.set('chit_unpriced_usage_total', new Set(['model', 'unit']));
  known.set('chit_backup_last_success_timestamp_seconds', new Set());
  const queries = queriesIn(globSync('deploy/monitoring/*', { cwd: ROOT }));
  assert.ok(queries.length > 40, String(queries.length));
  for (const query of queries) {
    const names = [...query.matchAll(/\b(?:up|(?:chit|nodejs|process)_\w+)\b/g)].map(([it]) => it);
    assert.ok(names.length > 0, `it names no metric: ${query}`);
    const labels = new Set(['job', 'instance']);
    for (const name of names) {
      assert.ok(known.has(name), `there is no ${name}: ${query}`);
      for (const label of known.get(name) ?? []) labels.add(label);
    }
    for (const label of labelsIn(query)) assert.ok(labels.has(label), `${label}: ${query}`);
  }
});

const ROOT = join(import.meta.dirname, '../..');

/** The queries of dashboards and of files with rules. */
function queriesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    if (path.endsWith('.json')) {
      const found = [...text.matchAll(/"(?:expr|definition)": ("(?:[^"\\]|\\.)*")/g)];
      return found.map(([, it = '""']) => JSON.parse(it) as string);
    }
    return [...text.matchAll(/^ +expr: (?:[|>]-?\n((?: {10,}.*\n)+)|(.*)\n)/gm)].map(
      ([, block = '', line = '']) => `${block}${line}`.replace(/\s+/g, ' ').trim(),
    );
  });
}

/** The labels that a query selects, groups and joins by. */
function labelsIn(query: string): string[] {
  const selected = [...query.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, it = '']) => it);
  const grouped = [...query.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)];
  const asked = [...query.matchAll(/label_values\([^,]+, *(\w+)\)/g)].map(([, it = '']) => it);
  const names = grouped.flatMap(([, it = '']) => it.split(',').map((name) => name.trim()));
  return [...selected, ...names, ...asked].filter((it) => it !== '' && it !== 'le');
}
