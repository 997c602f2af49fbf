/** A benchmark that fails in the middle keeps what it has measured. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newDraft, reportAsText } from '../../bench/report/report.ts';
import { writeReport } from '../../bench/report/write.ts';
import { type Part, runParts } from '../../bench/run-parts.ts';

const MACHINE = { cpu: 'a processor', cores: 2, memoryGb: 8, os: 'an OS', fsyncMs: 0.4 };
const VERSIONS = { chit: '1.0.0', commit: 'abc', node: '26.0.0', sqlite: '3.53' };

const start: Part = {
  name: 'start',
  measure: async (draft) => {
    draft.start = { firstMs: 321, againMs: 123 };
  },
};
const failing: Part = {
  name: 'chats on SQLite',
  measure: () => Promise.reject(new Error('A server did not start.')),
};

test('a failed part ends the run, and the earlier results are written with a note', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chit-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const later: Part = { name: 'hot', measure: () => Promise.reject(new Error('It was run.')) };
  const draft = newDraft('2026-01-02T03:04:05.678Z', MACHINE);
  const failure = await runParts([start, failing, later], draft);
  assert.deepEqual(failure, { part: 'chats on SQLite', reason: 'A server did not start.' });

  const report = { ...draft, versions: VERSIONS, failure };
  assert.equal(writeReport(report, folder), '2026-01-02-0304');
  assert.deepEqual(readdirSync(folder).sort(), ['2026-01-02-0304.json', '2026-01-02-0304.md']);
  const json = JSON.parse(readFileSync(join(folder, '2026-01-02-0304.json'), 'utf8'));
  assert.deepEqual(json.start, { firstMs: 321, againMs: 123 });
  assert.deepEqual(json.failure, failure);
  const markdown = readFileSync(join(folder, '2026-01-02-0304.md'), 'utf8');
  for (const text of [markdown, reportAsText(report)]) {
    assert.match(text, /Incomplete/);
    assert.match(text, /"chats on SQLite" failed.*A server did not start\./);
    assert.match(text, /321 ms/);
  }
});

test('a run without a failure has no such note', async () => {
  const draft = newDraft('2026-01-02T03:04:05.678Z', MACHINE);
  assert.equal(await runParts([start], draft), undefined);
  assert.doesNotMatch(reportAsText({ ...draft, versions: VERSIONS }), /Incomplete/);
});
