/** The doctor's checks of settings, files, disk, backups, prices and versions. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkBackups } from '../../../../src/app/operations/doctor/check-backups.ts';
import { checkDisk } from '../../../../src/app/operations/doctor/check-disk.ts';
import { checkFiles } from '../../../../src/app/operations/doctor/check-files.ts';
import { checkPrices } from '../../../../src/app/operations/doctor/check-prices.ts';
import { checkSettings } from '../../../../src/app/operations/doctor/check-settings.ts';
import { checkVersions } from '../../../../src/app/operations/doctor/check-versions.ts';
import type { ExaminedSettings } from '../../../../src/app/operations/doctor/subject.ts';
import { makeBackup } from '../../../../src/app/operations/make-backup.ts';
import { openChit } from '../../../../src/compose.ts';
import { loadConfig } from '../../../../src/config.ts';
import { readDeployment } from '../../../../src/models/deployment-file/read-deployment.ts';
import {
  findInCatalogue as find,
  nearestInCatalogue as nearest,
} from '../../../../src/models/prices/price-catalogue.ts';
import { newFolder } from '../../../support/server.ts';
import { codesOf, SECRET, settingsWith, subjectIn } from './examined.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));
const USER = 1000;
const DAY_MS = 86_400_000;

function ofSettings(changes: Partial<ExaminedSettings>, user: number | undefined = USER) {
  return codesOf(checkSettings(subjectIn(folder, { settings: settingsWith(changes) }), user));
}

test('settings that are weak or contradict each other are found, each by its code', () => {
  assert.deepEqual(ofSettings({}), ['settings_ok']);
  const cases: [Partial<ExaminedSettings>, string[]][] = [
    [{ passwordMinLength: 1 }, ['password_short']],
    [{ accessTokenMinutes: 1_440 }, ['access_token_long']],
    [{ signupsPerHour: 0 }, ['signups_unlimited']],
    [{ signupsPerHour: 0, signup: 'closed' }, ['settings_ok']],
    [{ logLevel: 'trace' }, ['log_level_debug']],
    [{ logLevel: 'silent' }, ['log_level_silent']],
    [{ corsOrigins: ['http://a.example', 'https://b.example'] }, ['cors_without_tls']],
    [{ corsOrigins: ['http://localhost:3000'] }, ['settings_ok']],
    [{ host: '0.0.0.0', publicUrl: '' }, ['listens_on_network']],
    [{ host: '127.0.0.1', publicUrl: '', trustedProxies: [] }, ['settings_ok']],
    [{ host: 'unix:/run/chit.sock', publicUrl: '', trustedProxies: [] }, ['settings_ok']],
    [{ publicUrl: 'http://chat.example.org' }, ['public_url_without_tls']],
    [{ publicUrl: 'http://localhost:8000' }, ['settings_ok']],
    [{ trustedProxies: [] }, ['proxy_unnamed']],
    [
      { trustedProxies: ['0.0.0.0/1', '10.0.0.0/8', 'fd00::/8'] },
      Array(2).fill('trusts_many_proxies'),
    ],
    [{ workers: 4 }, ['workers_need_postgres']],
    [{ workers: 4, databaseUrl: 'postgres://db/chit' }, ['settings_ok']],
    [{ databaseUrl: 'postgres://db/chit', lockTimeoutSeconds: 2 }, ['lock_timeout_capped']],
  ];
  for (const [changes, codes] of cases) assert.deepEqual(ofSettings(changes), codes);
  assert.deepEqual(ofSettings({}, 0), ['runs_as_root']);
  const subject = subjectIn(folder, { deploymentFaults: ['chit.json:1:1: it is empty.'] });
  assert.deepEqual(codesOf(checkSettings(subject, USER)), ['deployment_invalid']);
});

test('a file with a secret that everybody can read is found, and a key that is missing', () => {
  const data = join(folder, 'files/data');
  mkdirSync(data, { recursive: true });
  const write = (name: string, mode: number) => {
    writeFileSync(join(data, name), 'x');
    chmodSync(join(data, name), mode);
  };
  write('chit.db', 0o600);
  write('secret.key', 0o640);
  const own = join(folder, 'files');
  assert.deepEqual(codesOf(checkFiles(subjectIn(own))), ['files_ok']);
  write('secret.key', 0o644);
  write('provider', 0o666);
  const secretFiles = [join(data, 'provider'), join(data, 'gone')];
  const exposed = checkFiles(subjectIn(own, { secretFiles }));
  assert.deepEqual(
    exposed.map(({ params }) => params),
    [
      { file: join(data, 'secret.key'), mode: '0644' },
      { file: join(data, 'provider'), mode: '0666' },
    ],
  );
  rmSync(join(data, 'secret.key'));
  const [missing] = checkFiles(subjectIn(own, { secretKey: undefined }));
  assert.deepEqual([missing?.code, missing?.severity], ['secret_key_missing', 'fault']);
  const unused = checkFiles(subjectIn(join(folder, 'none'), { secretKey: undefined }));
  assert.deepEqual(codesOf(unused), ['files_ok'], 'a new installation gets a key');
});

test('room on the disk is told, and a folder that cannot be written; nothing is left there', async () => {
  const own = join(folder, 'disk');
  mkdirSync(join(own, 'data'), { recursive: true });
  const subject = subjectIn(own);
  const withFree = async (bytes: number) => codesOf(await checkDisk(subject, async () => bytes));
  assert.deepEqual(await withFree(5e9), ['disk_ok']);
  assert.deepEqual(await withFree(5e8), ['disk_low']);
  assert.deepEqual(await withFree(5e7), ['disk_full']);
  assert.deepEqual(codesOf(await checkDisk(subject)).length, 1);
  assert.deepEqual(readdirSync(join(own, 'data')), []);
  // Nobody can write there, not even root.
  const unwritable = subjectIn(own, { dataFolder: '/proc/self', backupFolder: '/proc/self' });
  const found = await checkDisk(unwritable, async () => 5e9);
  assert.deepEqual(codesOf(found), ['disk_ok', 'folder_unwritable']);
});

test('backups: none, a good one, one that is too old, one with faults, one that is broken', async () => {
  const own = join(folder, 'backups');
  const databaseUrl = `sqlite:${join(own, 'data/chit.db')}`;
  const { config } = loadConfig({ CHIT_DATABASE_URL: databaseUrl }, 'none');
  await (await openChit(config)).close();
  const subject = subjectIn(own);
  const at = async (nowMs: number) => codesOf(await checkBackups(subject, nowMs));
  assert.deepEqual(await at(Date.now()), ['backup_none', 'ledger_unverified']);
  const source = {
    databaseUrl,
    secretKey: SECRET,
    deploymentFile: undefined,
    program: '0.2.0',
    environment: {},
  };
  const order = { folder: subject.backupFolder, madeBy: 'command', mayDelete: false } as const;
  await makeBackup(source, order);
  const good = ['backup_ok', 'backups_on_same_disk', 'ledger_verified'];
  assert.deepEqual(await at(Date.now()), good);
  const old = ['backup_overdue', 'backups_on_same_disk', 'ledger_unverified'];
  assert.deepEqual(await at(Date.now() + 3 * DAY_MS), old);
  writeFileSync(join(subject.backupFolder, 'chit-2026-01-02-030405.tar.zst'), 'no archive');
  assert.ok((await at(Date.now())).includes('backup_unreadable'));
  const never = settingsWith({ databaseUrl, backupEveryHours: 0 });
  const found = await checkBackups({ ...subject, settings: never }, Date.now());
  assert.ok(codesOf(found).includes('backups_off'));
  const isFile = { ...subject, backupFolder: join(own, 'data/chit.db') };
  assert.deepEqual(codesOf(await checkBackups(isFile, Date.now())), ['backups_unlisted']);
});

test('prices that do not cover what the provider takes are found', async () => {
  const text = `{ "tokenIsWorth": "0.00001 USD",
    "providers": { "p": { "wire": "openai", "baseUrl": "https://api.openai.com/v1" } },
    "models": [
      { "name": "cheap", "provider": "p", "upstream": "gpt-4o",
        "price": { "perMillionInput": 1, "perMillionOutput": 1 } },
      { "name": "strange", "provider": "p", "upstream": "nobody-knows-this-model",
        "price": { "perMillionInput": 1, "perMillionOutput": 1 } } ] }`;
  const catalogue = { find, nearest };
  const deployment = readDeployment(text, { file: 'chit.json', environment: {}, catalogue });
  const found = await checkPrices({ deployment }, Date.now());
  const below = found.filter(({ code }) => code === 'price_below_cost');
  assert.ok(below.length >= 2, JSON.stringify(found));
  assert.ok(found.some(({ code, params }) => code === 'cost_unknown' && 'model' in params));
  assert.deepEqual(codesOf(await checkPrices({ deployment: undefined }, 0)), []);
});

test('a version of Node.js that is too old is a fault', () => {
  const subject = subjectIn(folder);
  assert.deepEqual(codesOf(checkVersions(subject, '24.6.9')), ['node_old']);
  assert.deepEqual(codesOf(checkVersions(subject, '24.7.0')), ['versions_ok']);
  assert.deepEqual(codesOf(checkVersions(subject, '26.1.0')), ['versions_ok']);
});
