/** The audit log as a file: whoever has begun gets all of it, or an error in its place. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { HeavyReads } from '../../../src/app/operations/heavy-reads.ts';
import { ChitError } from '../../../src/core/errors.ts';
import { AdminServer } from '../../support/admin.ts';

/** More than a slice of the file has. */
const ENTRIES = 1_500;
/** As many waiting reads as one reader may have. */
const MOST_WAITING = 8;

let admin: AdminServer;
before(async () => {
  admin = await AdminServer.start({});
});
after(() => admin.server.close());

const download = () => admin.ask(admin.root, 'GET', '/api/admin/audit/?format=csv');

test('other reads of the same person do not cut a file off that has begun', async () => {
  const { auditLog, heavyReads } = admin.chit.context;
  const waiting: Promise<unknown>[] = [];
  const page = auditLog.page.bind(auditLog);
  const run = heavyReads.run.bind(heavyReads);
  const isAskedAgain = Promise.withResolvers<void>();
  let slices = 0;
  let reader = '';
  const wait = () => void waiting.push(run(reader, () => isAskedAgain.promise));
  heavyReads.run = ((who: string, ...rest: [() => Promise<unknown>, boolean?]) => {
    reader = who;
    // One of those that waited has begun.
    if (slices > 0) wait();
    const slice = run(who, ...rest);
    if (slices > 0) isAskedAgain.resolve();
    return slice;
  }) as HeavyReads['run'];
  auditLog.page = async (filter) => {
    slices += 1;
    const { rows, ...rest } = await page({ ...filter, beforeId: undefined });
    // They begin after the first slice, and are not done before the second one is asked for.
    while (slices === 1 && waiting.length < MOST_WAITING) {
      wait();
    }
    const [row] = rows;
    assert.ok(row);
    if (slices > 1) return { ...rest, rows: [row], nextId: undefined };
    return { ...rest, rows: Array.from({ length: ENTRIES }, () => row), nextId: row.id };
  };
  const { status, text } = await download();
  Object.assign(heavyReads, { run });
  Object.assign(auditLog, { page });
  await Promise.all(waiting);
  assert.equal(status, 200);
  assert.equal(text.trim().split('\r\n').length, 1 + ENTRIES + 1);
});

test('an error before the first entry is a response with its code', async () => {
  const { auditLog } = admin.chit.context;
  const page = auditLog.page.bind(auditLog);
  auditLog.page = () => Promise.reject(new ChitError('read_too_long', undefined));
  const { status, headers } = await download();
  Object.assign(auditLog, { page });
  assert.equal(status, 503);
  assert.equal(headers['chit-error'], 'read_too_long');
});
