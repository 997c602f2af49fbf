import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentChanges } from '../../src/core/deployment-changes.ts';

test('every member that differs is listed by the names that the file has', () => {
  const before = {
    providers: { p: { baseUrl: 'http://a:b@x/v1', headers: { key: 'SECRET' } } },
    models: [
      { name: 'small', provider: 'p', price: { perMessage: 1 }, fallbacks: ['old'] },
      { name: 'old', provider: 'p', price: { perMessage: 9 } },
    ],
  };
  const after = {
    providers: { p: { baseUrl: 'http://a:c@x/v1', headers: { key: 'SECRET2' } } },
    models: [{ name: 'small', provider: 'p', price: { perMessage: 2 }, allow: ['ada', 'bob'] }],
    limits: { account: { requestsPerMinute: 5 } },
  };
  assert.deepEqual(deploymentChanges(before, after), [
    {
      member: 'providers.p.baseUrl',
      before: 'http://(hidden)@x/v1',
      after: 'http://(hidden)@x/v1',
    },
    { member: 'providers.p.headers.key', before: '(hidden)', after: '(hidden)' },
    { member: 'models.small.price.perMessage', before: '1', after: '2' },
    { member: 'models.small.fallbacks', before: 'old', after: undefined },
    { member: 'models.old.provider', before: 'p', after: undefined },
    { member: 'models.old.price.perMessage', before: '9', after: undefined },
    { member: 'models.order', before: 'small, old', after: 'small' },
    { member: 'models.small.allow', before: undefined, after: 'ada, bob' },
    { member: 'limits.account.requestsPerMinute', before: undefined, after: '5' },
  ]);
  assert.deepEqual(deploymentChanges(before, structuredClone(before)), []);
  assert.equal(deploymentChanges(undefined, { x: 1 }).at(-1)?.after, '1');
});
