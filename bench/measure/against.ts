/**
 * This checkout beside another one. Both are used over HTTP only, accounts included, so that their
 * sources and their databases may differ.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { chatRequest } from '../setup/accounts.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { relayDeployment, wholeRequest } from '../setup/relay.ts';
import {
  DATABASE_NAMES,
  type DatabaseKind,
  newWorkspace,
  removeWorkspace,
  type Workspace,
} from '../setup/workspaces.ts';
import { commitOf } from '../system/machine.ts';
import { type BenchServer, ROOT, startChit, startProvider } from '../system/processes.ts';

const CONNECTIONS = 32;
/** One for each connection, and fewer than one address may sign up in an hour. */
const USERS = CONNECTIONS;
const PASSWORD = 'a passphrase of the benchmark';
const SETTINGS = { CHIT_SIGNUP_TOKENS: '1000000000', CHIT_ACCESS_TOKEN_MINUTES: '1440' };

/** This checkout, first, beside the other one, second. */
export interface CheckoutSpeed extends Comparison {
  readonly what: string;
  /** The commit of the other checkout. */
  readonly other: string;
}

export interface CheckoutComparison {
  readonly speed: CheckoutSpeed;
  readonly checks: readonly LedgerCheck[];
}

interface RunningCheckout {
  readonly side: Side;
  readonly server: BenchServer;
  readonly workspace: Workspace;
  readonly root: string;
}

/** `POST /api/chat/`: hold and settle over HTTP. */
export function compareChats(
  bench: Bench,
  otherRoot: string,
  database: DatabaseKind,
): Promise<CheckoutComparison> {
  return compare(bench, otherRoot, `chats on ${DATABASE_NAMES[database]}`, async (root) => {
    const workspace = await workspaceFor(database);
    const server = await startChit(workspace, root);
    const requests = (await signUpAll(server)).map(chatRequest);
    return {
      side: { name: nameOf(root), port: server.port, requests, results: [] },
      server,
      workspace,
      root,
    };
  });
}

/** `POST /v1/chat/completions` in front of a provider that does nothing but answer. */
export async function compareRelays(bench: Bench, otherRoot: string): Promise<CheckoutComparison> {
  const provider = await startProvider();
  const compared = await compare(bench, otherRoot, 'relay on SQLite', async (root) => {
    const workspace = await workspaceFor('sqlite');
    writeFileSync(join(workspace.folder, 'chit.json'), relayDeployment(provider.port));
    const server = await startChit(workspace, root);
    const requests: string[] = [];
    for (const access of await signUpAll(server)) {
      const { key } = await post<{ key: string }>(server, '/api/keys/', { name: 'bench' }, access);
      requests.push(wholeRequest(key));
    }
    return {
      side: { name: nameOf(root), port: server.port, requests, results: [] },
      server,
      workspace,
      root,
    };
  });
  await provider.stop();
  return compared;
}

async function compare(
  bench: Bench,
  otherRoot: string,
  what: string,
  start: (root: string) => Promise<RunningCheckout>,
): Promise<CheckoutComparison> {
  bench.progress.show(`${what}: starting both`);
  const both = [await start(ROOT), await start(otherRoot)] as const;
  const sides = [both[0].side, both[1].side] as const;
  await warmUp(bench, what, sides);
  const comparison = await takeTurns(bench, what, sides, CONNECTIONS);
  const checks: LedgerCheck[] = [];
  for (const { side, server, workspace, root } of both) {
    await server.stop();
    checks.push(await checkLedger(`${side.name}, ${what}`, workspace, side.results, { root }));
    await removeWorkspace(workspace);
  }
  return { speed: { ...comparison, what, other: commitOf(otherRoot) }, checks };
}

async function workspaceFor(database: DatabaseKind): Promise<Workspace> {
  const workspace = await newWorkspace(database);
  return { ...workspace, settings: { ...workspace.settings, ...SETTINGS } };
}

function nameOf(root: string): string {
  return root === ROOT ? 'this checkout' : commitOf(root);
}

/** Creates the accounts and signs them in; returns their access tokens. */
async function signUpAll(server: BenchServer): Promise<string[]> {
  const tokens: string[] = [];
  for (let index = 0; index < USERS; index += 1) {
    const account = { username: `user-${index}`, password: PASSWORD };
    await post(server, '/api/register/', account);
    tokens.push((await post<{ access: string }>(server, '/api/login/', account)).access);
  }
  return tokens;
}

async function post<Answer>(
  { port }: BenchServer,
  path: string,
  body: object,
  access?: string,
): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (access !== undefined) headers.authorization = `Bearer ${access}`;
  const url = `http://127.0.0.1:${port}${path}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}
