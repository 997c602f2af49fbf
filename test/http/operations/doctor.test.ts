/** The health check of the panel, and how a server tells the doctor what has arrived. */
import assert from 'node:assert/strict';
import { createServer, type Server as HttpServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { arrivalPass, isArrivalPass } from '../../../src/app/operations/doctor/arrival-pass.ts';
import { checkPublicUrl } from '../../../src/app/operations/doctor/check-public-url.ts';
import { codesOf, settingsWith } from '../../app/operations/doctor/examined.ts';
import { AdminServer } from '../../support/admin.ts';
import { SECRET_KEY } from '../../support/server.ts';

let admin: AdminServer;
const proxies: HttpServer[] = [];
before(async () => {
  admin = await AdminServer.start({
    CHIT_TRUSTED_PROXIES: '127.0.0.2',
    CHIT_PASSWORD_MIN_LENGTH: '1',
  });
});
after(async () => {
  for (const proxy of proxies) {
    proxy.closeAllConnections();
    proxy.close();
  }
  await admin.server.close();
});

interface Report {
  readonly findings: { check: string; severity: string; code: string; params: object }[];
  readonly took_ms: number;
}

test('superusers get codes with parameters, the settings of this server among them', async () => {
  const { status, json } = await admin.ask(admin.root, 'POST', '/api/admin/doctor/');
  assert.equal(status, 200);
  const { findings } = json as Report;
  const short = findings.find(({ code }) => code === 'password_short');
  assert.deepEqual(short, {
    check: 'settings',
    severity: 'warning',
    code: 'password_short',
    params: { min: 1 },
  });
  const checks = new Set(findings.map(({ check }) => check));
  for (const check of ['settings', 'files', 'disk', 'database', 'backups', 'versions']) {
    assert.ok(checks.has(check), check);
  }
  assert.doesNotMatch(JSON.stringify(findings), new RegExp(SECRET_KEY));
});

test('nobody else can have the installation checked', async () => {
  assert.equal((await admin.ask(admin.staff, 'POST', '/api/admin/doctor/')).status, 403);
  const { access } = await admin.person();
  assert.equal((await admin.ask(access, 'POST', '/api/admin/doctor/')).status, 403);
  assert.equal((await admin.ask('', 'POST', '/api/admin/doctor/')).status, 401);
});

test('how a request has arrived is told to whoever has the secret key, for some minutes', async () => {
  const now = Date.now();
  const pass = arrivalPass(SECRET_KEY, now);
  assert.ok(isArrivalPass(pass, SECRET_KEY, now + 60_000));
  assert.ok(!isArrivalPass(pass, SECRET_KEY, now + 600_000));
  assert.ok(!isArrivalPass(pass, 'another key', now));
  assert.ok(!isArrivalPass(`${now + 1}${pass.slice(pass.indexOf('.'))}`, SECRET_KEY, now));
  assert.ok(!isArrivalPass('', SECRET_KEY, now));
  const path = '/api/doctor/arrival/';
  for (const headers of [{}, { 'chit-doctor': 'x.y' }, { 'chit-doctor': arrivalPass('x', now) }]) {
    const { status, json } = await admin.ask('', 'GET', path, undefined, headers as never);
    assert.equal(status, 404);
    assert.doesNotMatch(JSON.stringify(json), /127\.0\.0\.1/);
  }
});

const subjectAt = (publicUrl: string, changes: object = {}) => ({
  settings: settingsWith({ publicUrl, trustedProxies: [], ...changes }),
  secretKey: SECRET_KEY,
});
const examined = async (publicUrl: string, changes: object = {}) =>
  codesOf(await checkPublicUrl(subjectAt(publicUrl, changes), Date.now()));

/** A proxy that adds headers, and may keep a response until it has all of it. */
async function proxyWith(
  headers: Record<string, string>,
  { buffers = false, from = '127.0.0.1' } = {},
): Promise<string> {
  const target = new URL(admin.server.url);
  const proxy = createServer((asked, reply) => {
    const options = {
      host: target.hostname,
      port: target.port,
      path: asked.url,
      localAddress: from,
      headers: { ...asked.headers, ...headers },
    };
    httpRequest(options, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.headers);
      if (!buffers) {
        answer.pipe(reply);
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => reply.end(Buffer.concat(chunks)));
    }).end();
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test('what proxies do to requests is found by asking the public address', async () => {
  const named = { trustedProxies: ['127.0.0.2'] };
  const address = { 'x-forwarded-for': '192.0.2.7' };
  const [direct, stranger, good, silent, buffering, other] = await Promise.all([
    examined(admin.server.url),
    proxyWith(address).then((url) => examined(url)),
    proxyWith(address, { from: '127.0.0.2' }).then((url) => examined(url, named)),
    proxyWith({}, { from: '127.0.0.2' }).then((url) => examined(url, named)),
    proxyWith(address, { from: '127.0.0.2', buffers: true }).then((url) => examined(url, named)),
    proxyWith({ ...address, host: 'inside' }, { from: '127.0.0.2' }).then((url) =>
      examined(url, named),
    ),
  ]);
  assert.deepEqual(direct, ['public_url_ok']);
  assert.deepEqual(stranger, ['arrives_from_stranger']);
  assert.deepEqual(good, ['public_url_ok']);
  assert.deepEqual(silent, ['arrives_without_address']);
  assert.deepEqual(buffering, ['stream_buffered']);
  assert.deepEqual(other, ['arrives_at_other_host']);
});

test('an address where nobody or somebody else answers is a fault', async () => {
  assert.deepEqual(await examined(''), ['public_url_unset']);
  assert.deepEqual(await examined('http://127.0.0.1:1'), ['public_url_failed']);
  const other = { ...subjectAt(admin.server.url), secretKey: 'the key of somebody else' };
  assert.deepEqual(codesOf(await checkPublicUrl(other, Date.now())), ['public_url_foreign']);
});
