/** Which id a request has, and who may choose it. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { requestIds, TrustedPeers } from '../../../src/http/framework/request-id.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

function requestFrom(remoteAddress: string | undefined, headers: IncomingHttpHeaders = {}) {
  return { socket: { remoteAddress }, headers } as IncomingMessage;
}

const trusting = requestIds(new TrustedPeers(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']));

test('a trusted proxy names requests, by either header', () => {
  const named = { 'x-request-id': 'lb-7/42', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1']) {
    assert.equal(trusting(requestFrom(peer, named)), 'lb-7/42', peer);
    assert.equal(trusting(requestFrom(peer, { traceparent: named.traceparent })), TRACE, peer);
  }
});

test('nobody else does', () => {
  const headers = { 'x-request-id': 'chosen', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  const trustingNobody = requestIds(new TrustedPeers([]));
  for (const peer of ['192.0.2.8', '::1', '127.0.0.1', undefined]) {
    assert.match(trusting(requestFrom(peer, headers)), /^[0-9a-f]{8}-\w+$/, `${peer}`);
    assert.match(trustingNobody(requestFrom(peer, headers)), /^[0-9a-f]{8}-\w+$/, `${peer}`);
  }
});

test('what cannot be an id is not taken for one', () => {
  const ids = ['', 'two words', 'x'.repeat(129), 'line\nbreak', '"quoted"', 'ümlaut'];
  for (const id of ids) {
    const given = trusting(requestFrom('10.0.0.1', { 'x-request-id': id }));
    assert.match(given, /^[0-9a-f]{8}-\w+$/, id);
  }
  const parents = [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${TRACE}-00f067aa0ba902b7-01`];
  for (const traceparent of [...parents, `00-${TRACE}-${'0'.repeat(16)}-01`, TRACE]) {
    const given = trusting(requestFrom('10.0.0.1', { traceparent }));
    assert.match(given, /^[0-9a-f]{8}-\w+$/, traceparent);
  }
});

test('made ids differ', () => {
  const made = [1, 2, 3].map(() => trusting(requestFrom('203.0.113.1')));
  assert.equal(new Set(made).size, 3);
});
