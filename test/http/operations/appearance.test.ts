/** The site's own name, logo, colours and texts: who sets them, what is refused, who shows them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { SiteLook } from '../../../src/app/operations/site-look.ts';
import { ADMIN_SCOPES } from '../../../src/core/admin-scopes.ts';
import { SiteAppearanceStore } from '../../../src/store/operations/site-appearance.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { startServerHere } from '../../support/server-here.ts';

const SITE = '/api/admin/site/';

onEachDatabase((at) => {
  describe('the appearance of the site', () => {
    let admin: AdminServer;
    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url, CHIT_CONTACT: 'the office' });
    });
    after(() => admin.server.close());

    const read = () => admin.read(SITE);
    const put = async (body: object) => {
      const { changed_at } = await read();
      return admin.ask(admin.root, 'PUT', SITE, { changed_at, ...body });
    };
    const get = (path: string) => send(`${admin.server.url}${path}`);
    const shown = async () => (await get('/api/site/')).json as Json;
    const refused = (answer: Answer, field: string, code: string) => {
      assert.equal(answer.status, 400, answer.text);
      const { fields } = JSON.parse(String(answer.headers['chit-error-params'])) as Json;
      assert.equal(fields[field]?.[0]?.code, code, JSON.stringify(fields));
    };

    test('where nothing is set, everything is as it was built', async () => {
      const { appearance, contact } = await shown();
      assert.deepEqual([appearance, contact], [null, 'the office']);
      const page = await get('/');
      assert.match(page.text, /<title>Chit<\/title>/);
      assert.doesNotMatch(page.text, /data-site/);
      assert.equal(((await get('/manifest.webmanifest')).json as Json).name, 'Chit');
      assert.equal(admin.chit.context.look.name, 'Chit');
      assert.equal((await read()).changed_at, null);
    });

    test('what is set is shown at once: on the page, in its title, in the manifest', async () => {
      const logo = png(200, 200);
      const answer = await put({
        name: ' School "A" & <b> ',
        accent: '#1D4ED8',
        logo: logo.toString('base64'),
        welcome: { en: 'Hello', de: null },
        starters: { en: [], de: ['Hilf mir', 'Hilf mir ', 'Erkläre'] },
        terms_url: 'https://school.test/terms',
        privacy_url: 'https://school.test/privacy?a=1',
        contact: 'room 12',
      });
      assert.equal(answer.status, 200, answer.text);
      const { appearance, contact } = await shown();
      const hash = createHash('sha256').update(logo).digest('hex');
      const path = `/api/site/logo/${hash}/`;
      assert.equal(contact, 'room 12');
      assert.equal(appearance.name, 'School "A" & <b>');
      assert.deepEqual(appearance.logo, { path, width: 200, height: 200 });
      assert.deepEqual(appearance.welcome, { en: 'Hello', de: null });
      assert.deepEqual(appearance.starters, { en: [], de: ['Hilf mir', 'Erkläre'] });
      assert.equal(appearance.colors.light[0], '#1d4ed8');
      assert.equal((await read()).colors.dark.is_adjusted, true);
      for (const address of ['/', '/account', '/admin/users', '/nowhere']) {
        const headers = { accept: 'text/html' };
        const { text } = await send(`${admin.server.url}${address}`, { headers });
        assert.match(text, /<title>School &quot;A&quot; &amp; &lt;b&gt;<\/title>/, address);
        const [, data = ''] = /<html [^>]*data-site="([^"]*)"/.exec(text) ?? [];
        assert.deepEqual(JSON.parse(unescaped(data)), appearance, address);
        assert.ok(text.includes(`<link rel="icon" href="${path}" />`), address);
      }
      const manifest = (await get('/manifest.webmanifest')).json as Json;
      assert.deepEqual([manifest.name, manifest.icons[0].src], ['School "A" & <b>', path]);
      assert.equal(admin.chit.context.look.name, 'School "A" & <b>');
      // Another server reads it with its next look.
      const other = new SiteLook(admin.chit.context.siteAppearance);
      await other.refresh();
      assert.equal(other.name, 'School "A" & <b>');
      const first = other.inForce;
      await other.refresh();
      assert.equal(other.inForce, first);

      const picture = await get(path);
      assert.equal(picture.status, 200);
      assert.equal(picture.headers['content-type'], 'image/png');
      assert.equal(picture.headers['x-content-type-options'], 'nosniff');
      assert.match(String(picture.headers['cache-control']), /immutable/);
      assert.match(String(picture.headers['content-security-policy']), /default-src 'none'/);

      const [entry] = (await admin.read('/api/admin/audit/?action=site.change')).entries;
      assert.deepEqual([entry.before.name, entry.after.name], [null, 'School "A" & <b>']);
      assert.equal(entry.after.starters_de, 'Hilf mir | Erkläre');
    });

    if (at.name === 'PostgreSQL') {
      test('another server that runs shows a change by itself, within seconds', async () => {
        const other = await startServerHere({ CHIT_DATABASE_URL: at.url });
        try {
          const nameThere = async () => {
            const { json } = await send(`${other.url}/api/site/`);
            return (json as Json).appearance?.name;
          };
          assert.notEqual(await nameThere(), 'Two doors');
          assert.equal((await put({ name: 'Two doors' })).status, 200);
          const until = Date.now() + 5_000;
          while ((await nameThere()) !== 'Two doors') assert.ok(Date.now() < until);
          const { text } = await send(`${other.url}/`, { headers: { accept: 'text/html' } });
          assert.match(text, /<title>Two doors<\/title>/);
        } finally {
          await other.stop();
        }
      });
    }

    test('a logo stays without the field, and goes with null', async () => {
      const { logo } = await read();
      assert.ok(logo);
      await put({ name: 'Other' });
      assert.deepEqual((await read()).logo, logo);
      assert.equal((await get(logo.path)).status, 200);
      await put({ logo: png(300, 100).toString('base64') });
      assert.equal((await get(logo.path)).status, 404, 'the one before is gone');
      // It is wider than high, so it is no icon.
      assert.match((await get('/')).text, /<link rel="icon" href="\/icon\.svg"/);
      const answer = await put({ logo: null });
      assert.equal((answer.json as Json).logo, null);
      assert.deepEqual(await shown().then((it) => it.appearance), null);
      assert.match((await get('/')).text, /<title>Chit<\/title>/);
    });

    test('what is no logo, no colour, no link or no name is refused, and nothing changes', async () => {
      await put({ name: 'Kept' });
      const before = await read();
      const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
      const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
      for (const [logo, reason] of [
        [base64(svg), 'format'],
        [base64(`<?xml version="1.0"?>${svg}`), 'format'],
        [base64('GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0'), 'format'],
        [base64('<!doctype html><script>alert(1)</script>'), 'format'],
        [base64(png(200, 200).subarray(0, 20)), 'format'],
        [base64(Buffer.concat([Buffer.from(svg), png(9, 9)])), 'format'],
        [base64(png(2_049, 10)), 'pixels'],
        [base64(png(10, 30_000)), 'pixels'],
      ] as const) {
        const answer = await put({ name: 'New', logo });
        refused(answer, 'logo', 'not_a_logo');
        const { fields } = JSON.parse(String(answer.headers['chit-error-params'])) as Json;
        assert.equal(fields.logo[0].reason, reason, logo.slice(0, 40));
      }
      const big = Buffer.concat([png(9, 9), Buffer.alloc(262_144)]).toString('base64');
      assert.equal((await put({ logo: big })).status, 400);
      for (const [body, field, code] of [
        [{ logo: 'not base64!' }, 'logo', 'not_a_logo'],
        [{ accent: 'red' }, 'accent', 'invalid'],
        [{ accent: '#12345' }, 'accent', 'invalid'],
        [{ name: 'a\nBcc: x@y.test' }, 'name', 'invalid'],
        [{ name: 'x\u202etihC' }, 'name', 'invalid'],
        [{ name: 'x'.repeat(41) }, 'name', 'too_long'],
        [{ terms_url: 'http://school.test/' }, 'terms_url', 'not_https'],
        [{ terms_url: 'javascript:alert(1)' }, 'terms_url', 'not_https'],
        [{ privacy_url: 'https://user:pw@school.test/' }, 'privacy_url', 'not_https'],
        [{ privacy_url: 'data:text/html,x' }, 'privacy_url', 'not_https'],
        [{ privacy_url: '//school.test' }, 'privacy_url', 'not_https'],
      ] as const) {
        refused(await put(body), field, code);
      }
      for (const body of [
        { starters: { en: Array.from({ length: 7 }, (_, index) => `s${index}`) } },
        { starters: { en: ['x'.repeat(101)] } },
        { starters: { en: [' '] } },
        { welcome: { en: 'x'.repeat(501) } },
        { contact: 'x'.repeat(201) },
      ]) {
        assert.equal((await put(body)).status, 400, JSON.stringify(body).slice(0, 80));
      }
      assert.deepEqual(await read(), before);
    });

    test('whoever changes what somebody else has changed meanwhile is told so', async () => {
      const { changed_at } = await read();
      const both = ['One', 'Two'].map((name) =>
        admin.ask(admin.root, 'PUT', SITE, { name, changed_at }),
      );
      const answers = await Promise.all(both);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
      const lost = answers.find(({ status }) => status === 409);
      assert.equal(lost?.headers['chit-error'], 'appearance_changed');
      const won = answers.find(({ status }) => status === 200)?.json as Json;
      assert.equal((await read()).name, won.name);
      assert.equal((await admin.ask(admin.root, 'PUT', SITE, { name: 'Three' })).status, 409);
      assert.equal((await read()).name, won.name);
    });

    test('only superusers set it, and no admin key does', async () => {
      const { name } = await read();
      const user = await admin.person();
      const made = await admin.ask(admin.root, 'POST', '/api/admin/keys/', {
        name: 'all',
        scopes: ADMIN_SCOPES,
      });
      const { key } = made.json as { key: string };
      for (const token of [user.access, admin.staff, key]) {
        assert.equal((await admin.ask(token, 'PUT', SITE, { name: 'Mine' })).status, 403);
      }
      assert.equal((await admin.ask(admin.staff, 'GET', SITE)).status, 403);
      assert.equal((await admin.ask(key, 'GET', SITE)).status, 200);
      assert.equal((await read()).name, name);
    });

    test('what a colour becomes is asked without changing anything', async () => {
      const accent = await admin.read(`${SITE}accent/?color=%23ffe000`);
      assert.equal(accent.dark.is_adjusted, false);
      assert.equal(accent.light.is_adjusted, true);
      const wrong = await admin.ask(admin.root, 'GET', `${SITE}accent/?color=red`);
      assert.equal(wrong.status, 400);
    });

    test('what is stored and not readable any more does not keep a server down', async () => {
      const store = new SiteAppearanceStore({
        selectFrom: () => {
          throw new Error('gone');
        },
      } as never);
      const look = new SiteLook(store);
      await assert.rejects(look.refresh(), /gone/);
      assert.equal(look.name, 'Chit', 'the last that was known stays');
    });
  });
});

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

/** A PNG of one colour; its checksums are not looked at. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(10))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
