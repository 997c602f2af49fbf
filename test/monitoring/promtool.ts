/**
 * Checks by Prometheus' own tool what a server shows, the alert rules, and every query of the
 * dashboard: `npm run test:monitoring`. It needs `promtool`, which on Debian is in the package
 * `prometheus`; PROMTOOL names another path of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getWith, postJson } from '../support/http.ts';
import { newUser } from '../support/server.ts';
import { startServerHere } from '../support/server-here.ts';

const PROMTOOL = process.env.PROMTOOL ?? 'promtool';
const FILES = join(import.meta.dirname, '../../deploy/monitoring');
const TOKEN = 'a-token-for-prometheus';

function promtool(args: readonly string[], input = ''): void {
  const { status, stdout, stderr, error } = spawnSync(PROMTOOL, args, { input, encoding: 'utf8' });
  if (error) throw new Error(`${PROMTOOL} cannot be run: ${error.message}`);
  process.stdout.write(`promtool ${args[0]} ${args[1]}: ${status === 0 ? 'passed' : 'FAILED'}\n`);
  if (status === 0) return;
  process.stdout.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}

async function shownMetrics(): Promise<string> {
  const server = await startServerHere({ CHIT_METRICS_TOKEN: TOKEN });
  const { access } = await newUser(server.url, 'ada');
  await postJson(`${server.url}/api/chat/`, { message: 'Hi' }, access);
  const { text } = await getWith(`${server.url}/metrics`, TOKEN);
  await server.stop();
  return text;
}

/** The queries of the dashboard as recording rules, which the tool can check. */
function dashboardRules(): string {
  const text = readFileSync(join(FILES, 'chit-dashboard.json'), 'utf8');
  const variables = { $job: 'chit', $instance: '.*', $__rate_interval: '1m' };
  const rules = [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, json = '""'], index) => {
    let query = JSON.parse(json) as string;
    for (const [name, value] of Object.entries(variables)) query = query.replaceAll(name, value);
    return `      - record: query:${index}\n        expr: ${JSON.stringify(query)}\n`;
  });
  return `groups:\n  - name: dashboard\n    rules:\n${rules.join('')}`;
}

const folder = mkdtempSync(join(tmpdir(), 'chit-monitoring-'));
try {
  // Process and runtime metrics of prom-client are named as its dashboards expect, not as it asks.
  const metrics = await shownMetrics();
  const ours = metrics.split('\n\n').filter((it) => it.startsWith('# HELP chit_'));
  promtool(['check', 'metrics'], `${ours.join('\n').trimEnd()}\n`);
  promtool(['check', 'config', join(FILES, 'prometheus.yaml')]);
  promtool(['check', 'rules', join(FILES, 'chit-alerts.yaml')]);
  const rules = join(folder, 'dashboard.yaml');
  writeFileSync(rules, dashboardRules());
  promtool(['check', 'rules', rules]);
  promtool(['test', 'rules', join(import.meta.dirname, 'alerts.test.yaml')]);
} finally {
  rmSync(folder, { recursive: true });
}
