/** Files of shared chats: anyone with the link has those of what is shared, and no others. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { png, uploadForm } from '../../support/sample-files.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const DAY_MS = 86_400_000;

onEachDatabase((at) =>
  describe('files of shared chats', () => {
    let server: ModelServer;
    let access: string;
    let talker: Talker;
    let id: string;
    let first: ShownMessage;
    let picture: string;
    let link: string;

    before(async () => {
      const settings = { CHIT_DATABASE_URL: await at.newUrl() };
      const model = { ...scriptedModel(flatPrice(100)), reads: ['image' as const] };
      server = await startModelServer([model], settings);
    });
    beforeEach(async () => {
      ({ access } = await server.newUser());
      talker = new Talker(server.url, access);
      ({ id } = await talker.begin());
      picture = await upload('cat.png', png(8, 8));
      first = await talker.exchange(id, 'shown', { files: [picture] });
      link = await share({ kind: 'snapshot', expires_in_days: 1 });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    const upload = async (name: string, content: Buffer): Promise<string> => {
      const headers = { authorization: `Bearer ${access}` };
      const sent = { method: 'POST', headers, body: uploadForm(name, content) };
      const response = await fetch(`${server.url}/api/files/`, sent);
      return ((await response.json()) as { id: string }).id;
    };
    const share = async (body: object) => {
      const { json } = await talker.call('POST', `/api/conversations/${id}/share/`, body);
      return (json as { share: string }).share;
    };
    const get = (message: string, file: string, token = link) =>
      fetch(`${server.url}/api${token}/messages/${message}/files/${file}/`);
    const notFound = async (message: string, file: string, token = link) => {
      const [asked, unknown] = [await get(message, file, token), await get('x', 'y', '/shared/no')];
      assert.deepEqual([asked.status, unknown.status], [404, 404]);
      assert.equal(await asked.text(), await unknown.text());
    };

    test('whoever has the link gets a file, which runs nothing and stays in no cache', async () => {
      const response = await get(first.id, picture);
      assert.equal(response.status, 200);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), png(8, 8));
      const header = (name: string) => response.headers.get(name) ?? '';
      assert.match(header('content-security-policy'), /default-src 'none'.*sandbox/);
      assert.equal(header('x-content-type-options'), 'nosniff');
      assert.equal(header('cache-control'), 'no-store');
      assert.equal(header('x-robots-tag'), 'noindex');
      assert.match(header('content-disposition'), /^inline; filename="cat\.png"/);
      const text = await upload('page.html', Buffer.from('<script>alert(1)</script>'));
      const { id: second } = await talker.exchange(id, 'b', { parent: first.id, files: [text] });
      await share({ kind: 'snapshot' });
      const page = await get(second, text);
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.match(page.headers.get('content-disposition') ?? '', /^attachment/);
    });

    test('files of later messages, other branches and chats are as unknown ones', async () => {
      const secret = await upload('secret.txt', Buffer.from('secret'));
      const files = [secret];
      const later = await talker.exchange(id, 'later', { parent: first.id, files });
      const branch = await talker.exchange(id, 'branch', { files });
      const { id: other } = await talker.begin();
      const elsewhere = await talker.exchange(other, 'elsewhere', { files });
      for (const message of [later.id, branch.id, elsewhere.id, first.id]) {
        await notFound(message, secret);
      }
      await notFound(later.id, picture);
      // A live link has what the branch has that is shown, and no more.
      await talker.call('PATCH', `/api/conversations/${id}/`, { leaf: later.id });
      await share({ kind: 'live' });
      assert.equal((await get(later.id, secret)).status, 200);
      assert.equal((await get(first.id, picture)).status, 200);
      await notFound(branch.id, secret);
      await notFound(elsewhere.id, secret);
    });

    test('nobody has a file after the link has expired, was removed, or its chat deleted', async (t) => {
      const { context } = server.chit;
      const { now } = context;
      const clock = t.mock.method(context, 'now', () => now() + DAY_MS + 1_000);
      await notFound(first.id, picture);
      clock.mock.restore();
      assert.equal((await get(first.id, picture)).status, 200);
      await talker.call('DELETE', `/api/conversations/${id}/share/`);
      await notFound(first.id, picture);
      const again = await share({});
      assert.equal((await get(first.id, picture, again)).status, 200);
      await talker.call('DELETE', `/api/conversations/${id}/`);
      await notFound(first.id, picture, again);
    });
  }),
);
