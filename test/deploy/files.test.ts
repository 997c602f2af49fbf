/** The files in `deploy/` agree with the program: settings, options, limits, paths. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { SETTINGS } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const FILES = globSync('deploy/**/*.*', { cwd: ROOT }).filter((it) => !it.includes('/secrets/'));
/** How long a provider may take for an answer that comes whole, by default. */
const LONGEST_ANSWER_SECONDS = 600;
/** How long Chit keeps connections on which nothing is asked: Fastify's default. */
const KEPT_SECONDS = 72;

test('every setting that a file or the documentation names exists', () => {
  const known = Object.values(SETTINGS).map(({ name }) => name as string);
  const withFile = ['CHIT_SECRET_KEY_FILE', 'CHIT_DATABASE_URL_FILE'];
  let named = 0;
  for (const path of [...FILES, 'deploy/docker/Dockerfile', 'docs/deployment.md']) {
    for (const [name] of read(path).matchAll(/\bCHIT_[A-Z_]+\b/g)) {
      named += 1;
      assert.ok([...known, ...withFile].includes(name), `${path} names ${name}`);
    }
  }
  assert.ok(named > 10);
});

test('the unit and the image start Chit with the options of npm start', () => {
  const options = packageJson.scripts.start.replace(/^node (.*) bin\/chit\.js serve$/, '$1');
  assert.match(options, /^--/);
  assert.ok(
    read('deploy/systemd/chit.service').includes(`bin/node ${options} /opt/chit/bin/chit.js`),
  );
  const [, list = ''] = /^ENTRYPOINT (.*)$/m.exec(read('deploy/docker/Dockerfile')) ?? [];
  assert.deepEqual(JSON.parse(list), ['node', ...options.split(' '), '/app/bin/chit.js']);
});

test('what the image copies exists, and is not left out of its context', () => {
  const copied = [...read('deploy/docker/Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)]
    .flatMap(([, names = '']) => names.split(' '))
    .map((name) => name.replace(/^\.\//, ''));
  const context = read('.dockerignore').split('\n');
  assert.ok(copied.length > 4);
  for (const name of copied) {
    assert.ok(existsSync(join(ROOT, name)), name);
    const isIn = context.some(
      (it) => it.startsWith('!') && `${name}/`.startsWith(`${it.slice(1)}/`),
    );
    assert.ok(isIn, `.dockerignore leaves out ${name}`);
  }
});

test('files that the compose file mounts exist, and Caddy is the one proxy that is trusted', () => {
  const compose = read('deploy/compose/compose.yaml');
  const mounted = [...compose.matchAll(/- (\.\.?\/[^:\n]+):/g)].map(([, path]) => path ?? '');
  assert.ok(mounted.length > 0);
  for (const path of mounted) assert.ok(existsSync(join(ROOT, 'deploy/compose', path)), path);
  const [, trusted] = /CHIT_TRUSTED_PROXIES: (\S+)/.exec(compose) ?? [];
  assert.ok(trusted !== undefined && compose.includes(`ipv4_address: ${trusted}\n`));
});

test('proxies wait longer than providers may take, and let through what Chit accepts', () => {
  const nginx = read('deploy/proxies/nginx.conf');
  const [, megabytes] = /client_max_body_size (\d+)m;/.exec(nginx) ?? [];
  const most = Number(SETTINGS.gatewayBodyLimitBytes.fallback);
  assert.ok(Number(megabytes) * 2 ** 20 > most + 2 ** 20);
  const haproxy = read('deploy/proxies/haproxy.cfg');
  for (const [text, pattern] of [
    [nginx, /proxy_read_timeout (\d+)s;/],
    [haproxy, /timeout client (\d+)s/],
    [haproxy, /timeout server (\d+)s/],
  ] as const) {
    assert.ok(Number(pattern.exec(text)?.[1]) > LONGEST_ANSWER_SECONDS, String(pattern));
  }
});

test('proxies close idle connections to Chit before Chit does', () => {
  const caddy = read('deploy/proxies/Caddyfile');
  const nginx = read('deploy/proxies/nginx.conf');
  assert.ok(Number(/keepalive (\d+)s/.exec(caddy)?.[1]) < KEPT_SECONDS);
  assert.ok(Number(/keepalive_timeout (\d+)s;/.exec(nginx)?.[1]) < KEPT_SECONDS);
});
