/** What the page says of notices. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { language } from '../../../web/src/state/preferences.ts';
import { noticeText } from '../../../web/src/strings/security/notice-text.ts';

beforeEach(() => {
  language.value = 'en';
});

const notice = (kind: string, data: object) => ({
  id: '1',
  kind,
  data,
  created_at: '2026-11-29T09:00:00Z',
  is_seen: false,
});

test('who gets into the account from elsewhere is named, as the button of the provider is', () => {
  const names = { en: 'School account', de: 'Schulkonto' };
  const told = { by: 'provider', names, address: '192.0.2.1' };
  const said = noticeText(notice('identity.new', told)) ?? '';
  assert.match(said, /with “School account”, .*2026.*, from 192\.0\.2\.1\.$/);
  for (const [by, words] of [
    ['ldap', /password of the directory, .*2026/],
    ['scim', /directory now manages your account, .*2026/],
  ] as const) {
    assert.match(
      noticeText(notice('identity.new', { by, names: null, address: null })) ?? '',
      words,
    );
  }
  const removed = (data: object) => noticeText(notice('identity.removed', data)) ?? '';
  const byStaff = removed({ ...told, address: null });
  assert.match(byStaff, /^“School account” was disconnected from your account, /);
  assert.doesNotMatch(byStaff, /, from /);
  assert.match(removed({ by: 'ldap', names: null, address: '192.0.2.1' }), /^The directory was /);
});

test('a kind of a newer version is not told', () => {
  assert.equal(noticeText(notice('kind.unknown', {})), undefined);
});
