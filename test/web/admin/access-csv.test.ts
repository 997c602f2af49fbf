/** The links and passwords of an import as a file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessCsv } from '../../../web/src/admin/import/access-csv.ts';

const USER = {
  row: 2,
  username: 'ada',
  id: 1,
  is_new: true,
  joins: ['7a', 'Chess'],
  plan: null,
  tokens: 0,
  access: 'link',
  link: { path: '/reset#token', expires_at: '2026-11-29T00:00:00.000Z' },
  password: null,
} as const;

test('links are whole, and only those who have something to get are in it', () => {
  const users = [
    { ...USER, joins: [...USER.joins] },
    { ...USER, joins: [], username: '=cmd', link: null, password: 'a,"b' },
    { ...USER, joins: [], username: 'given', link: null },
  ];
  assert.equal(
    accessCsv(users, 'https://chit.example'),
    'username,groups,password,link,link_expires_at\r\n' +
      'ada,"7a; Chess",,https://chit.example/reset#token,2026-11-29T00:00:00.000Z\r\n' +
      '\'=cmd,,"a,""b",,\r\n',
  );
});
