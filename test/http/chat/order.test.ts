/** Pinned, archived, in folders, deleted together: each only by its owner, and nothing is lost. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownConversation, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

interface Ordered extends ShownConversation {
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly folder: string | null;
  readonly temporary: boolean;
  readonly updated_at: string;
}

interface Match {
  readonly where: string;
  readonly message: string | null;
  readonly text: string;
  readonly ranges: readonly (readonly [number, number])[];
}

onEachDatabase((at) =>
  describe('order over HTTP', () => {
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;

    before(async () => {
      const model = scriptedModel(flatPrice(100));
      server = await startModelServer([model], { CHIT_DATABASE_URL: await at.newUrl() });
    });
    beforeEach(async () => {
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    const titles = async (query = '', who = talker) =>
      (await who.conversations(query)).map(({ title }) => title);
    const change = async (id: string, fields: object) => {
      const { status, json } = await talker.call('PATCH', `/api/conversations/${id}/`, fields);
      assert.equal(status, 200);
      return json as Ordered;
    };
    const newFolder = async (name: string) => {
      const { status, json } = await talker.call('POST', '/api/folders/', { name });
      assert.equal(status, 201);
      return (json as { id: string }).id;
    };
    const folders = async () =>
      ((await talker.call('GET', '/api/folders/')).json as { folders: { name: string }[] }).folders;

    test('pinned and archived are lists of their own; marking does not move a chat', async () => {
      const ids: string[] = [];
      for (const title of ['one', 'two', 'three']) ids.push((await talker.begin({ title })).id);
      const [one = '', two = ''] = ids;
      const before = (await talker.conversations()) as Ordered[];
      assert.equal((await change(one, { pinned: true })).pinned, true);
      assert.equal((await change(two, { archived: true })).archived, true);
      assert.deepEqual(await titles(), ['three', 'two', 'one']);
      assert.deepEqual(await titles('?shelf=recent'), ['three']);
      assert.deepEqual(await titles('?shelf=pinned'), ['one']);
      assert.deepEqual(await titles('?shelf=archived'), ['two']);
      const found = (await talker.conversations('?q=two')) as Ordered[];
      assert.equal(found[0]?.archived, true);
      await change(one, { pinned: false });
      await change(two, { archived: false });
      assert.deepEqual(await titles('?shelf=recent'), ['three', 'two', 'one']);
      const times = (list: Ordered[]) => list.map(({ updated_at: at }) => at);
      assert.deepEqual(times((await talker.conversations()) as Ordered[]), times(before));
    });

    test('a folder is made, renamed and removed without losing its chats', async () => {
      const folder = await newFolder(' Travel ');
      const { id } = await talker.begin({ title: 'Lisbon', folder });
      const { id: other } = await talker.begin({ title: 'Porto' });
      assert.equal((await change(other, { folder })).folder, folder);
      assert.deepEqual(await titles(`?folder=${folder}`), ['Porto', 'Lisbon']);
      assert.deepEqual(await titles('?shelf=recent'), []);
      assert.equal((await change(other, { folder: null })).folder, null);
      const path = `/api/folders/${folder}/`;
      assert.equal((await talker.call('PATCH', path, { name: 'Trips' })).status, 200);
      assert.deepEqual(
        (await folders()).map(({ name }) => name),
        ['Trips'],
      );
      assert.equal((await talker.call('DELETE', path)).status, 204);
      assert.deepEqual(await folders(), []);
      assert.deepEqual(await titles(), ['Porto', 'Lisbon']);
      const [, lisbon] = (await talker.conversations()) as Ordered[];
      assert.deepEqual([lisbon?.id, lisbon?.folder], [id, null]);
      assert.equal((await talker.call('POST', '/api/folders/', { name: ' ' })).status, 400);
    });

    test('folders of others are not there, and there are not endlessly many', async () => {
      const folder = await newFolder('mine');
      const other = new Talker(server.url, (await server.newUser()).access);
      const path = `/api/folders/${folder}/`;
      assert.equal((await other.call('PATCH', path, { name: 'x' })).status, 404);
      assert.equal((await other.call('DELETE', path)).status, 404);
      assert.equal((await other.call('POST', '/api/conversations/', { folder })).status, 404);
      const { id } = await other.begin();
      const patched = await other.call('PATCH', `/api/conversations/${id}/`, { folder });
      assert.equal(patched.status, 404);
      assert.equal(patched.headers['chit-error'], 'folder_not_found');
      assert.deepEqual(
        (await folders()).map(({ name }) => name),
        ['mine'],
      );
      for (let index = 1; index < 100; index += 1) await newFolder(`${index}`);
      const refused = await talker.call('POST', '/api/folders/', { name: 'one too many' });
      assert.equal(refused.status, 409);
      assert.equal(refused.headers['chit-error'], 'too_many_folders');
      assert.equal((await folders()).length, 100);
    });

    test('several chats are deleted at once, only own ones, and each counts once', async () => {
      const { id: one } = await talker.begin({ title: 'one' });
      const { id: two } = await talker.begin({ title: 'two' });
      await talker.begin({ title: 'three' });
      const other = new Talker(server.url, (await server.newUser()).access);
      const { id: theirs } = await other.begin({ title: 'theirs' });
      const message = await talker.exchange(one, 'words');
      const ids = [one, two, two, theirs, 'none'];
      const path = '/api/conversations/delete/';
      assert.deepEqual((await talker.call('POST', path, { ids })).json, { deleted: 2 });
      assert.deepEqual((await talker.call('POST', path, { ids })).json, { deleted: 0 });
      assert.deepEqual(await titles(), ['three']);
      assert.deepEqual(await titles('', other), ['theirs']);
      const kept = await server.chit.context.messages.find(user.userId, message.id);
      assert.deepEqual([kept?.content, kept?.reply], ['', '']);
      assert.equal((await talker.call('POST', path, { ids: [] })).status, 400);
    });

    test('a search says where it matched, page by page, and ignores the order of words', async () => {
      for (const place of ['Oslo', 'Bergen', 'Tromsø']) {
        const { id } = await talker.begin({ title: place });
        await talker.exchange(id, `fjords and lights near ${place}`);
      }
      const page = await talker.call('GET', '/api/conversations/?q=lights+fjord&limit=2');
      const { conversations, next_cursor: cursor } = page.json as {
        conversations: (Ordered & { match: Match })[];
        next_cursor: string;
      };
      assert.deepEqual(
        conversations.map(({ title }) => title),
        ['Tromsø', 'Bergen'],
      );
      const [{ id, match } = { id: '', match: undefined }] = conversations;
      const [message] = await talker.messages(id);
      assert.equal(match?.message, message?.id);
      assert.deepEqual(
        match?.ranges.map(([from, to]) => match.text.slice(from, to)),
        ['fjord', 'lights'],
      );
      assert.deepEqual(await titles(`?q=lights+fjord&limit=2&cursor=${cursor}`), ['Oslo']);
      const [listed] = await talker.conversations();
      assert.ok(listed && !('match' in listed));
    });
  }),
);
