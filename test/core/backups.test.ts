/** Which backups are kept, and what a manifest says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BackupManifest,
  backupsToDelete,
  type DatedBackup,
  manifestFrom,
  manifestText,
} from '../../src/core/backups.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-28T12:00:00.000Z');

function made(daysAgo: number, more: Partial<DatedBackup> = {}): DatedBackup {
  const madeAt = new Date(NOW_MS - daysAgo * DAY_MS).toISOString();
  return { name: `${daysAgo}`, madeAt, madeBy: 'schedule', isGood: true, ...more };
}

/** What is left after a backup a day, thinned each day, as a server does it. */
function afterDays(days: number): number[] {
  let kept: DatedBackup[] = [];
  for (let ago = days; ago >= 0; ago -= 1) {
    kept.push(made(ago));
    const gone = backupsToDelete(kept, NOW_MS - ago * DAY_MS);
    kept = kept.filter(({ name }) => !gone.includes(name));
  }
  return kept.map(({ name }) => Number(name)).sort((one, other) => one - other);
}

test('of a backup a day there stay 7 days, 4 weeks and 12 months', () => {
  const kept = afterDays(800);
  assert.deepEqual(kept.slice(0, 7), [0, 1, 2, 3, 4, 5, 6]);
  // Sundays before, and the last days of months.
  assert.deepEqual(kept.slice(7), [13, 20, 28, 59, 89, 120, 151, 181, 212, 242, 273, 301, 332]);
});

test('all of the last day stay, and of each day before the newest', () => {
  const hourly = Array.from({ length: 72 }, (_, hours) => made(hours / 24));
  const gone = backupsToDelete(hourly, NOW_MS);
  const kept = hourly.filter(({ name }) => !gone.includes(name));
  assert.equal(kept.length, 24 + 2);
});

test('what was made by hand or before an upgrade stays for 30 days', () => {
  const all = [made(0), made(10, { madeBy: 'upgrade' }), made(10.1, { madeBy: 'panel' })];
  const more = [
    made(29, { madeBy: 'command' }),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((it) => made(it)),
  ];
  const gone = backupsToDelete([...all, ...more], NOW_MS);
  assert.deepEqual(
    gone,
    ['7', '8', '9'].filter((it) => gone.includes(it)),
  );
  const old = [made(0), made(31.1, { madeBy: 'panel' }), made(31.2, { madeBy: 'panel' })];
  assert.deepEqual(backupsToDelete(old, NOW_MS), ['31.2']);
});

test('the last good one stays, however old it is and however many with faults follow', () => {
  const faulty = Array.from({ length: 400 }, (_, days) => made(days, { isGood: false }));
  const good = made(500);
  const gone = backupsToDelete([...faulty, good], NOW_MS);
  assert.ok(!gone.includes(good.name));
  assert.equal(faulty.length - gone.length, 7);
});

const MANIFEST: BackupManifest = {
  program: '0.3.0',
  database: 'sqlite',
  madeAt: '2026-11-28T12:00:00.000Z',
  madeBy: 'schedule',
  host: 'one',
  facts: {
    migration: '0007-limits',
    accounts: 2,
    transfers: 3,
    postedCredits: 12_345_678_901_234_567_890n,
    lastTransfer: { id: 'a', at: '2026-11-28T11:59:59.000Z' },
  },
  check: { of: 'ledger', faults: [] },
  files: { 'chit.db': { bytes: 5, sha256: 'ab' } },
};

test('a manifest is read as it was written', () => {
  assert.deepEqual(manifestFrom(manifestText(MANIFEST)), MANIFEST);
  const empty = { ...MANIFEST.facts, migration: undefined, lastTransfer: undefined };
  const other = { ...MANIFEST, facts: empty };
  assert.deepEqual(manifestFrom(manifestText(other)), other);
});

test('a manifest with a fault is refused, and the fault is named', () => {
  const stored = JSON.parse(manifestText(MANIFEST)) as Record<string, unknown>;
  const refused = (changed: object, reason: RegExp) =>
    assert.throws(() => manifestFrom(JSON.stringify({ ...stored, ...changed })), reason);
  assert.throws(() => manifestFrom('{'), /not JSON/);
  refused({ format: 2 }, /Its format is 2, and this version of Chit reads 1/);
  refused({ database: 'mysql' }, /"mysql" is unknown/);
  refused({ madeAt: 'yesterday' }, /"madeAt" is not a time/);
  refused({ facts: null }, /"facts" is missing/);
  refused({ files: { '../../etc/passwd': { bytes: 1, sha256: '' } } }, /passwd" is unknown/);
  refused({ files: { 'chit.db': { bytes: -1, sha256: '' } } }, /"bytes" is not a whole number/);
});
