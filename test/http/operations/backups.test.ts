/** Backups in the panel's API, and by the schedule. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type BackupResult, Backups, lastGoodBackup } from '../../../src/app/operations/backups.ts';
import { backupSourceOf } from '../../../src/compose/backups-of.ts';
import { type Chit, openChit, serverFor } from '../../../src/compose.ts';
import { type Config, loadConfig } from '../../../src/config.ts';
import type { Server } from '../../../src/http/server.ts';
import { draftBackup, listBackups } from '../../../src/store/operations/backup-folder.ts';
import { createAccount } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { newFolder } from '../../support/server.ts';

const ADDRESS = '/api/admin/backups/';
const folder = newFolder();
const backups = join(folder, 'data/backups');
let config: Config;
let chit: Chit;
let server: Server;
let url: string;
let root: string;
let clerk: string;

before(async () => {
  const databaseUrl = `sqlite:${join(folder, 'data/chit.db')}`;
  config = loadConfig({ CHIT_DATABASE_URL: databaseUrl, CHIT_LOG_LEVEL: 'silent' }, 'none').config;
  chit = await openChit(config);
  server = await serverFor(chit, config);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  const token = async (username: string, isSuperuser: boolean) => {
    const account = { username, password: 'Pa55word!x', isStaff: true, isSuperuser };
    const id = await createAccount(chit.context, account);
    return chit.context.tokens.issue('access', id, Date.now()).token;
  };
  root = await token('root', true);
  clerk = await token('clerk', false);
});
after(async () => {
  await server.close();
  await chit.context.backups.stop();
  await chit.close();
  rmSync(folder, { recursive: true });
});

interface State {
  readonly folder: string;
  readonly every_hours: number;
  readonly last_good_at: string | null;
  readonly is_overdue: boolean;
  readonly running: object | null;
  readonly failed: { readonly reason: string; readonly made_by: string } | null;
  readonly impossible: string | null;
  readonly backups: readonly Record<string, unknown>[];
}
const state = async () => (await getWith(url + ADDRESS, root)).json as State;

test('only superusers see backups and make them', async () => {
  for (const answer of [
    await getWith(url + ADDRESS, clerk),
    await postJson(url + ADDRESS, {}, clerk),
  ]) {
    assert.deepEqual([answer.status, answer.headers['chit-error']], [403, 'permission_denied']);
  }
  assert.deepEqual((await state()).backups, []);
});

test('a superuser makes one in the background, which the audit log tells', async () => {
  const answer = await postJson(url + ADDRESS, {}, root);
  assert.deepEqual([answer.status, answer.json], [202, {}]);
  const second = await postJson(url + ADDRESS, {}, root);
  assert.deepEqual([second.status, second.headers['chit-error']], [409, 'backup_running']);
  assert.notEqual((await state()).running, null);
  await chit.context.backups.untilIdle();
  const after = await state();
  assert.deepEqual([after.running, after.failed, after.is_overdue], [null, null, false]);
  const [made, ...more] = after.backups;
  assert.equal(more.length, 0);
  assert.deepEqual(
    [made?.made_by, made?.accounts, made?.transfers, made?.tokens, made?.check],
    ['panel', 2, 2, '8000', { of: 'ledger', faults: [] }],
  );
  assert.equal(after.last_good_at, made?.made_at);
  const entries = await chit.context.auditLog.newestOf(
    { action: 'backup.make', target: 'backup:panel' },
    5,
  );
  assert.equal(entries.length, 1);
  assert.match(entries[0]?.actor ?? '', /^user:/);
  assert.equal((await lastGoodBackup(backups))?.name, made?.name);
});

test('nothing leads to the contents of a backup', async () => {
  const name = String((await state()).backups[0]?.name);
  for (const path of [ADDRESS + name, `${ADDRESS}${name}/`, `/backups/${name}`, `/data/${name}`]) {
    assert.equal((await getWith(url + path, root)).status, 404, path);
  }
  const { text } = await getWith(url + ADDRESS, root);
  assert.ok(!text.includes(backupSourceOf(config).secretKey ?? ''));
});

test('one that fails is told, and the server goes on', async () => {
  const results: BackupResult[] = [];
  chit.context.backups.onResult = (result) => results.push(result);
  await draftBackup(backups, async () => {
    assert.equal((await postJson(url + ADDRESS, {}, root)).status, 202);
    await chit.context.backups.untilIdle();
  });
  const { failed, backups: all } = await state();
  assert.equal(failed?.made_by, 'panel');
  assert.match(failed?.reason ?? '', /Another backup is being made/);
  assert.equal(results[0]?.failed?.reason, failed?.reason);
  assert.equal(all.length, 1);
  assert.equal((await postJson(`${url}/api/login/`, { username: 'x', password: 'y' })).status, 400);
});

/** The backups of a server with a clock and a folder of its own. */
function scheduled(name: string, everyHours = 24) {
  const clock = { ms: Date.now() };
  const results: BackupResult[] = [];
  const place = join(folder, name);
  const settings = { ...backupSourceOf(config), folder: place, everyMs: everyHours * 3_600_000 };
  const { auditLog } = chit.context;
  const it = new Backups(settings, { now: () => clock.ms, auditLog });
  it.onResult = (result) => results.push(result);
  const pass = async (hours: number) => {
    clock.ms += hours * 3_600_000;
    await it.makeIfDue();
    return results.length;
  };
  return { it, pass, results, place };
}

test('the schedule makes one a day, the first some minutes after the start', async () => {
  const { it, pass, results } = scheduled('daily');
  assert.equal(await pass(0), 0);
  assert.equal(await pass(0.1), 1);
  assert.equal(await pass(1), 1);
  assert.equal(await pass(22), 1);
  assert.equal(await pass(1), 2);
  assert.equal(results[1]?.made?.backup.manifest.madeBy, 'schedule');
  assert.equal((await it.state()).isOverdue, false);
  await it.stop();
});

test('the schedule can be off; after two days without a good one a warning is due', async () => {
  const { it, pass } = scheduled('off', 0);
  assert.equal(await pass(47), 0);
  assert.equal((await it.state()).isOverdue, false);
  assert.equal(await pass(2), 0);
  assert.equal((await it.state()).isOverdue, true);
});

test('one of the schedule that fails is tried again after an hour', async () => {
  const { it, pass, results, place } = scheduled('failing');
  writeFileSync(place, 'a file where the folder should be');
  assert.equal(await pass(1), 1);
  assert.match(results[0]?.failed?.reason ?? '', /ENOTDIR/);
  assert.match((await it.state()).impossible ?? '', /failing cannot be read: ENOTDIR/);
  rmSync(place);
  assert.equal(await pass(0.9), 1);
  assert.equal(await pass(0.2), 2);
  assert.ok(results[1]?.made);
  assert.equal((await it.state()).failed, undefined);
});

test('a server that stops gives up the one that it is making, and none is left', async () => {
  const { it, place, results } = scheduled('stopped');
  await it.begin('panel', async () => undefined);
  await it.stop();
  assert.deepEqual(results, []);
  assert.deepEqual((await listBackups(place)).backups, []);
  await assert.rejects(
    it.begin('panel', () => Promise.reject(new Error('the audit log cannot be written'))),
    /audit log/,
  );
  await it.untilIdle();
});
