/** Users take everything of their account with them, and delete it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { strFromU8, unzipSync } from 'fflate';
import { AdminServer, PASSWORD, SLOW } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { postJson, send } from '../../support/http.ts';
import { png, uploadForm } from '../../support/sample-files.ts';

type Person = Awaited<ReturnType<AdminServer['person']>>;

onEachDatabase((at) =>
  describe('one’s own account', () => {
    let admin: AdminServer;
    let person: Person;
    let talker: Talker;

    before(async () => {
      const settings = { CHIT_DATABASE_URL: await at.newUrl(), CHIT_SIGNUP_TOKENS: '1000' };
      admin = await AdminServer.start(settings);
    });
    const meet = async () => {
      person = await admin.person();
      talker = new Talker(admin.server.url, person.access);
    };
    after(async () => {
      await admin.chit.context.generations.idle();
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });
    const deletion = (body: object) => talker.call('POST', '/api/account/delete/', body);

    test('the archive has the export, the statement and each chat', async () => {
      await meet();
      const first = await talker.begin();
      await talker.exchange(first.id, 'Where is "it"?');
      const { id } = await talker.begin({ title: '../../etc/passwd: <a|b>?. ' });
      const question = await talker.exchange(id, 'one');
      await talker.exchange(id, 'two', { parent: question.id });
      await talker.exchange(id, 'another one');
      const made = await talker.call('POST', '/api/keys/', { name: 'mine' });
      const { key } = made.json as { key: string };
      const files = await archive(admin.server.url, person.access);
      const day = new Date().toISOString().slice(0, 10);
      assert.deepEqual(Object.keys(files), [
        'account.json',
        'README.txt',
        'statement.csv',
        `chats/0001 ${day} .. .. etc passwd a b.md`,
        `chats/0002 ${day} Where is it.md`,
      ]);
      const json = JSON.parse(files['account.json'] ?? '');
      const exported = await talker.call('GET', '/api/account/export/');
      assert.deepEqual(
        { ...json, exported_at: '' },
        { ...(exported.json as object), exported_at: '' },
      );
      assert.equal(json.api_keys[0].name, 'mine');
      const [head, ...lines] = (files['statement.csv'] ?? '').trim().split('\r\n');
      assert.equal(head, 'time,kind,amount,balance_after,model,reason,id,purpose,round,message_id');
      assert.deepEqual(
        lines.map((it) => it.split(',').slice(1, 3)),
        [...Array.from({ length: 4 }, () => ['charge', '-100']), ['grant', '1000']],
      );
      const chat = files[`chats/0001 ${day} .. .. etc passwd a b.md`] ?? '';
      assert.match(chat, /You said: another one/);
      assert.doesNotMatch(chat, /You said: two/);
      const all = Object.values(files).join('');
      assert.doesNotMatch(all, new RegExp(`${key}|\\$argon2|password_hash`));
    });

    test('the archive has the files of messages, whatever they are called', async () => {
      await meet();
      const content = Buffer.from('piece '.repeat(100_000));
      const upload = async (name: string, bytes: Buffer) => {
        const headers = { authorization: `Bearer ${person.access}` };
        const sent = { method: 'POST', headers, body: uploadForm(name, bytes) };
        const response = await fetch(`${admin.server.url}/api/files/`, sent);
        return ((await response.json()) as { id: string }).id;
      };
      const long = await upload(`../../${'x'.repeat(80)}.txt`, content);
      const picture = await upload('con:.png', png(8, 8));
      const headers = { authorization: `Bearer ${person.access}` };
      const response = await fetch(`${admin.server.url}/api/account/archive/`, { headers });
      const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
      const paths = Object.keys(files).filter((it) => it.startsWith('files/'));
      assert.deepEqual(
        paths.map((it) => it.split('/')[1]),
        [long, picture],
      );
      const [textPath = '', picturePath = ''] = paths;
      assert.match(textPath, /^files\/[^/]+\/[. x]+\.txt$/);
      assert.ok(textPath.length < 110);
      assert.ok(content.equals(files[textPath] ?? new Uint8Array()));
      assert.ok(png(8, 8).equals(files[picturePath] ?? new Uint8Array()));
    });

    test('an archive that is not read to its end leaves nothing running', async () => {
      await meet();
      for (let round = 0; round < 3; round += 1) {
        await new Promise((resolve, reject) => {
          const headers = { authorization: `Bearer ${person.access}` };
          const asked = request(`${admin.server.url}/api/account/archive/`, { headers });
          asked.once('error', reject).once('response', (response) => {
            response.destroy();
            response.once('close', resolve);
          });
          asked.end();
        });
      }
      assert.ok((await archive(admin.server.url, person.access))['account.json']);
    });

    test('a wrong password or name deletes nothing', async () => {
      await meet();
      const { username } = person;
      const wrong = [
        { username, password: 'not it' },
        { username: 'somebody', password: PASSWORD },
        { username },
        { password: PASSWORD },
      ];
      for (const body of wrong) assert.equal((await deletion(body)).status, 400);
      assert.equal((await talker.call('GET', '/api/me/')).status, 200);
      assert.equal(await admin.tokensOf(person.id), 1_000);
    });

    test('a deleted account is signed out, gone and forgotten; what was booked stays', async () => {
      await meet();
      const { username, id, access } = person;
      const chat = await talker.begin();
      const said = await talker.exchange(chat.id, 'to be forgotten');
      const where = `/api/conversations/${chat.id}/share/`;
      const { share } = (await talker.call('POST', where, {})).json as { share: string };
      await talker.say(chat.id, SLOW, { parent: said.id });
      const { refresh } = (
        await postJson(`${admin.server.url}/api/login/`, { username, password: PASSWORD })
      ).json as { refresh: string };
      assert.equal((await deletion({ username, password: PASSWORD })).status, 204);
      // What was known of its token a moment ago may be believed for a second.
      while ((await admin.ask(access, 'GET', '/api/me/')).status !== 401) await sleep(50);
      const { url } = admin.server;
      assert.equal((await postJson(`${url}/api/token/refresh/`, { refresh })).status, 401);
      const again = await postJson(`${url}/api/login/`, { username, password: PASSWORD });
      assert.equal(again.headers['chit-error'], 'invalid_credentials');
      assert.equal((await send(`${url}/api${share}/`)).status, 404);
      assert.equal((await admin.ask(admin.root, 'GET', `/api/admin/users/${id}/`)).status, 404);
      const { messages, ledger } = admin.chit.context;
      const left = await messages.find(id, said.id);
      assert.deepEqual([left?.content, left?.reply, left?.chargedCredits], ['', '', 100]);
      const account = await ledger.account(id);
      assert.deepEqual([account?.postedCredits, account?.heldCredits], [800, 0]);
      const log = await admin.read('/api/admin/audit/?action=user.delete');
      assert.equal(log.entries[0].actor, `user:${id}`);
      assert.equal(log.entries[0].target, `user:${id}`);
      // The name is free again.
      const body = { username, password: PASSWORD };
      assert.equal((await postJson(`${url}/api/register/`, body)).status, 201);
    });

    test('the last superuser stays; another one may go', async () => {
      const refused = await new Talker(admin.server.url, admin.root).call(
        'POST',
        '/api/account/delete/',
        { username: 'Person1', password: PASSWORD },
      );
      assert.equal(refused.headers['chit-error'], 'last_superuser');
      assert.equal((await admin.ask(admin.root, 'GET', '/api/me/')).status, 200);
      const other = await admin.person({ isStaff: true, isSuperuser: true });
      const talkerOfOther = new Talker(admin.server.url, other.access);
      const body = { username: other.username, password: PASSWORD };
      assert.equal((await talkerOfOther.call('POST', '/api/account/delete/', body)).status, 204);
    });
  }),
);

/** The files of the archive of an account, in its order. */
async function archive(url: string, access: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/api/account/archive/`, {
    headers: { authorization: `Bearer ${access}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/zip');
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  return Object.fromEntries(Object.entries(files).map(([name, it]) => [name, strFromU8(it)]));
}
