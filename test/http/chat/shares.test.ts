/** Sharing chats: what readers of a link see, and for how long. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { sql } from 'kysely';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

interface Share {
  readonly share: string | null;
  readonly kind: 'snapshot' | 'live' | null;
  readonly expires_at: string | null;
  readonly shared_at: string | null;
  readonly shows_name: boolean;
}

interface Shared extends Omit<Share, 'share' | 'shows_name'> {
  readonly title: string;
  readonly username: string | null;
  readonly messages: readonly ShownMessage[];
}

const DAY_MS = 86_400_000;

onEachDatabase((at) =>
  describe('sharing', () => {
    let url: string;
    let server: ModelServer;
    let talker: Talker;
    let id: string;
    let path: string;
    let first: ShownMessage;

    before(async () => {
      url = await at.newUrl();
      server = await startModelServer([scriptedModel(flatPrice(100))], { CHIT_DATABASE_URL: url });
    });
    beforeEach(async () => {
      const user = await server.newUser();
      talker = new Talker(server.url, user.access);
      ({ id } = await talker.begin());
      path = `/api/conversations/${id}/share/`;
      first = await talker.exchange(id, 'for all');
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    const share = async (body: object = {}) =>
      (await talker.call('POST', path, body)).json as Share;
    const read = async (link: string | null) => {
      const { status, json, text, headers } = await send(`${server.url}/api${link}/`);
      return { status, text, headers, shared: json as Shared };
    };
    const said = ({ messages }: Shared) => messages.map(({ content }) => content);
    const onDatabase = async (statement: ReturnType<typeof sql>) => {
      const { kysely, close } = openDatabase(url);
      const { rows } = await statement.execute(kysely);
      await close();
      return rows as Record<string, number>[];
    };

    test('a snapshot is the default, and shows nothing that was written or changed later', async () => {
      const made = await share();
      assert.match(made.share ?? '', /^\/shared\/[\w-]{24}$/);
      assert.deepEqual([made.kind, made.expires_at, made.shows_name], ['snapshot', null, false]);
      await talker.exchange(id, 'a secret', { parent: first.id });
      await talker.exchange(id, 'for all, edited');
      await talker.call('PATCH', `/api/conversations/${id}/`, { title: 'Another title' });
      const { shared, text, headers } = await read(made.share);
      assert.deepEqual([shared.title, said(shared)], ['for all', ['for all']]);
      assert.equal(shared.messages[0]?.reply, 'You said: for all');
      assert.equal(shared.shared_at, made.shared_at);
      assert.equal(headers['x-robots-tag'], 'noindex');
      assert.equal(shared.username, null);
      assert.doesNotMatch(text, /secret|edited|Another|cost|paid_by|user-/);
      // The same again changes nothing; a new snapshot is taken only if it is asked for.
      assert.deepEqual(await share(), made);
      assert.equal((await share({ kind: 'snapshot' })).share, made.share);
      assert.deepEqual(said((await read(made.share)).shared), ['for all, edited']);
    });

    test('a snapshot leaves out an answer that is not finished yet', async () => {
      const running = await talker.say(id, script({ say: 'half' }, { waitMs: 300 }), {
        parent: first.id,
      });
      assert.equal(running.status, 201);
      const made = await share({ kind: 'snapshot' });
      await server.chit.context.generations.idle();
      assert.deepEqual(said((await read(made.share)).shared), ['for all']);
      const alone = await talker.begin();
      await talker.say(alone.id, script({ say: 'half' }, { waitMs: 300 }));
      const { json } = await talker.call('POST', `/api/conversations/${alone.id}/share/`, {});
      await server.chit.context.generations.idle();
      assert.deepEqual(said((await read((json as Share).share)).shared), []);
    });

    test('a live share shows what follows, and becomes a snapshot under the same link', async () => {
      const made = await share({ kind: 'live', shows_name: true });
      await talker.exchange(id, 'more', { parent: first.id });
      const { shared } = await read(made.share);
      assert.deepEqual([shared.kind, said(shared)], ['live', ['for all', 'more']]);
      assert.match(shared.username ?? '', /^user-/);
      const frozen = await share({ kind: 'snapshot', shows_name: false });
      assert.equal(frozen.share, made.share);
      await talker.exchange(id, 'later');
      const after = (await read(made.share)).shared;
      assert.deepEqual([said(after), after.username], [['for all', 'more'], null]);
    });

    test('an expired link is as unknown as any other, and never works again', async () => {
      const made = await share({ expires_in_days: 7 });
      const endsIn = Date.parse(made.expires_at ?? '') - Date.now();
      assert.ok(endsIn > 6.9 * DAY_MS && endsIn <= 7 * DAY_MS);
      assert.equal((await share({ expires_in_days: null })).expires_at, null);
      const { expires_at: end } = await share({ expires_in_days: 1 });
      assert.equal((await read(made.share)).shared.expires_at, end);
      await onDatabase(sql`UPDATE shares SET expires_at = 1 WHERE conversation_id = ${id}`);
      const [expired, unknown] = [await read(made.share), await read('/shared/unknown')];
      assert.equal(expired.status, 404);
      assert.equal(expired.text, unknown.text);
      const none = { share: null, kind: null, expires_at: null, shared_at: null };
      assert.deepEqual((await talker.call('GET', path)).json, { ...none, shows_name: false });
      assert.equal((await talker.conversations())[0]?.share, null);
      const again = await share();
      assert.notEqual(again.share, made.share);
      assert.equal((await read(made.share)).status, 404);
      assert.equal((await read(again.share)).status, 200);
    });

    test('a link of an earlier version stays as it was, until it is changed', async () => {
      const token = `old-${id.slice(0, 8)}`;
      await onDatabase(sql`UPDATE conversations SET share_token = ${token} WHERE id = ${id}`);
      const link = `/shared/${token}`;
      await talker.exchange(id, 'more', { parent: first.id });
      assert.deepEqual(said((await read(link)).shared), ['for all', 'more']);
      const expected = { share: link, kind: 'live', expires_at: null, shared_at: null };
      assert.deepEqual((await talker.call('GET', path)).json, { ...expected, shows_name: false });
      assert.deepEqual(await share(), { ...expected, shows_name: false });
      assert.equal((await share({ expires_in_days: 30 })).share, link);
      assert.equal((await read(link)).shared.kind, 'live');
      assert.equal((await talker.conversations())[0]?.share, link);
      assert.equal((await talker.call('DELETE', path)).status, 204);
      assert.equal((await read(link)).status, 404);
    });

    test('sharing ends when it is stopped, and with the chat; others cannot touch it', async () => {
      const made = await share();
      const { access } = await server.newUser();
      const stranger = new Talker(server.url, access);
      for (const method of ['GET', 'POST', 'DELETE']) {
        assert.equal((await stranger.call(method, path)).status, 404);
      }
      assert.equal((await read(made.share)).status, 200);
      await talker.call('DELETE', path);
      assert.equal((await read(made.share)).status, 404);
      const other = await share();
      assert.equal((await talker.call('DELETE', `/api/conversations/${id}/`)).status, 204);
      assert.equal((await read(other.share)).status, 404);
      const left = sql`SELECT count(*) AS n FROM shares WHERE conversation_id = ${id}`;
      assert.equal(Number((await onDatabase(left))[0]?.n), 0);
    });

    test('what a change may be is checked', async () => {
      for (const body of [{ kind: 'all' }, { expires_in_days: 0 }, { expires_in_days: 1e9 }]) {
        assert.equal((await talker.call('POST', path, body)).status, 400);
      }
      assert.equal(((await talker.call('GET', path)).json as Share).share, null);
    });
  }),
);
