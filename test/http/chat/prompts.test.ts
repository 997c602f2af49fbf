/** Prompts, assistants and default instructions: who sees them, and what chats keep of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AdminServer, Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { done, GroupSite, type MadeGroup, type Person, refused } from '../../support/groups.ts';
import { uploadForm } from '../../support/sample-files.ts';

const LETTER = { kind: 'prompt', title: 'Letter', text: 'Write to {{name}}.' };
const TUTOR = { kind: 'assistant', title: 'Tutor', text: 'Ask, do not tell.', model: 'scripted' };

onEachDatabase((at) => {
  describe('prompts', () => {
    let site: GroupSite;
    let admin: AdminServer;
    let group: MadeGroup;
    let other: MadeGroup;
    before(async () => {
      site = await GroupSite.start(at.url);
      admin = site.admin;
      group = await site.makeGroup(0, 1);
      other = await site.makeGroup(0, 1);
    });
    after(() => site.close());

    const as = (who: Pick<Person, 'access'>, method: string, path: string, body?: object) =>
      admin.ask(who.access, method, path, body);
    const titles = async (who: Pick<Person, 'access'>) =>
      (await done(as(who, 'GET', '/api/prompts/'))).prompts.map((it: Json) => it.title);
    const newChat = (who: Pick<Person, 'access'>, body: object = {}) =>
      as(who, 'POST', '/api/conversations/', body);
    const create = async (who: Pick<Person, 'access'>, body: object) =>
      (await done(as(who, 'POST', '/api/prompts/', body))).id as string;

    test('an own prompt is created, changed and deleted, and nobody else finds it', async () => {
      const ada = await admin.person();
      const bob = await admin.person();
      const id = await create(ada, { ...LETTER, title: ' Letter ', model: 'scripted' });
      const path = `/api/prompts/${id}/`;
      const [listed] = (await done(as(ada, 'GET', '/api/prompts/'))).prompts;
      assert.equal(listed.title, 'Letter');
      assert.equal(listed.begins, LETTER.text);
      assert.deepEqual([listed.model, listed.shared_with, listed.can_change], [null, null, true]);
      assert.ok(!('text' in listed));
      for (const who of [bob, { access: admin.staff }]) {
        assert.deepEqual(await titles(who), []);
        await refused(as(who, 'GET', path), 404, 'prompt_not_found');
        await refused(as(who, 'PATCH', path, { title: 'x' }), 404, 'prompt_not_found');
        await refused(as(who, 'DELETE', path), 404, 'prompt_not_found');
        const shared = `/api/admin/groups/all/prompts/${id}/`;
        const status = who === bob ? 403 : 404;
        assert.equal((await as(who, 'DELETE', shared)).status, status);
      }
      const changed = await done(as(ada, 'PATCH', path, { text: 'Dear {{name}}' }));
      assert.deepEqual([changed.title, changed.text], ['Letter', 'Dear {{name}}']);
      assert.equal((await as(ada, 'DELETE', path)).status, 204);
      assert.deepEqual(await titles(ada), []);
      await refused(as(ada, 'GET', path), 404, 'prompt_not_found');
    });

    test('texts and their number have limits, and what cannot be stored is refused', async () => {
      const ada = await admin.person();
      const refuse = (body: object) =>
        refused(as(ada, 'POST', '/api/prompts/', { ...LETTER, ...body }), 400, 'invalid_fields');
      await refuse({ text: 'x'.repeat(20_001) });
      await refuse({ title: 'x'.repeat(101) });
      await refuse({ text: 'a\0b' });
      await refuse({ title: ' ' });
      await refuse({ kind: 'other' });
      const { prompts } = admin.chit.context;
      const add = (most: number) => {
        const fields = {
          title: 'T',
          content: 'x',
          model: undefined,
          files: [],
          createdAtMs: 1,
          updatedAtMs: 1,
        };
        const prompt = {
          id: `${ada.id}-${most}`,
          kind: 'prompt',
          owner: { userId: ada.id },
        } as const;
        return prompts.add({ ...prompt, ...fields }, { most });
      };
      assert.ok(typeof (await add(1)) === 'object');
      assert.equal(await add(1), 'too_many');
      assert.equal((await titles(ada)).length, 1);
    });

    test('managers share with their group, staff with any and with all; the log tells', async () => {
      const [member] = group.people as [Person];
      const [stranger] = other.people as [Person];
      const path = `/api/groups/${group.id}/prompts/`;
      const shared = await done(as(group.manager, 'POST', path, { ...LETTER, title: 'Class' }));
      assert.deepEqual([shared.shared_with, shared.group], ['group', group.id]);
      assert.deepEqual(await titles(member), ['Class']);
      assert.deepEqual(await titles(stranger), []);
      await refused(as(stranger, 'GET', `/api/prompts/${shared.id}/`), 404, 'prompt_not_found');
      await refused(as(member, 'POST', path, LETTER), 403, 'permission_denied');
      await refused(as(other.manager, 'POST', path, LETTER), 404, 'group_not_found');
      const foreign = `/api/groups/${other.id}/prompts/${shared.id}/`;
      await refused(as(other.manager, 'DELETE', foreign), 404, 'prompt_not_found');
      const own = `/api/prompts/${shared.id}/`;
      await refused(as(group.manager, 'PATCH', own, { title: 'x' }), 404, 'prompt_not_found');
      const seen = async (who: Person) =>
        (await done(as(who, 'GET', '/api/prompts/'))).prompts[0].can_change;
      assert.deepEqual([await seen(group.manager), await seen(member)], [true, false]);

      const all = '/api/admin/groups/all/prompts/';
      await refused(as(member, 'POST', all, LETTER), 403, 'permission_denied');
      const forAll = await done(site.asStaff('POST', all, { ...LETTER, title: 'Everybody' }));
      assert.equal(forAll.shared_with, 'all');
      assert.deepEqual(await titles(member), ['Class', 'Everybody']);
      assert.deepEqual(await titles(stranger), ['Everybody']);
      const changed = { title: 'Changed' };
      await done(site.asStaff('PATCH', `/api/admin${path.slice(4)}${shared.id}/`, changed));
      // Staff who are in no group read the whole text there.
      const read = await done(site.asStaff('GET', `/api/admin${path.slice(4)}${shared.id}/`));
      assert.deepEqual([read.title, read.text], ['Changed', LETTER.text]);
      await refused(as(other.manager, 'GET', foreign), 404, 'prompt_not_found');
      await refused(as(member, 'GET', `${path}${shared.id}/`), 403, 'permission_denied');
      const listed = await done(as(group.manager, 'GET', path));
      assert.deepEqual(
        listed.prompts.map((it: Json) => it.title),
        ['Changed'],
      );
      assert.equal((await site.asStaff('DELETE', `${all}${forAll.id}/`)).status, 204);
      const actions = async (id: string) =>
        (await admin.entries(`target=prompt:${id}`)).map(({ action }) => action);
      assert.deepEqual(await actions(shared.id), ['prompt.change', 'prompt.share']);
      assert.deepEqual(await actions(forAll.id), ['prompt.end', 'prompt.share']);
    });

    test('who leaves a group no longer sees what it shares, and its prompts end with it', async () => {
      const ended = await site.makeGroup(0, 2);
      const [leaver, member] = ended.people as [Person, Person];
      const path = `/api/admin/groups/${ended.id}/`;
      const upload = await fetch(`${admin.server.url}/api/files/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin.staff}` },
        body: uploadForm('rules.txt', Buffer.from('Be kind.')),
      });
      const withFile = { ...TUTOR, files: [((await upload.json()) as Json).id] };
      const { id, files } = await done(site.asStaff('POST', `${path}prompts/`, withFile));
      const fileOf = async (who: Pick<Person, 'access'>) =>
        (await as(who, 'GET', `/api/files/${files[0].id}/`)).status;
      // Staff look after it, although they are in no group.
      const staff = { access: admin.staff };
      const statuses = [await fileOf(leaver), await fileOf(member), await fileOf(staff)];
      assert.deepEqual(statuses, [200, 200, 200]);
      assert.equal(await fileOf(await admin.person()), 404);
      const listed = (await done(as(member, 'GET', '/api/prompts/'))).prompts;
      assert.equal(listed.find((it: Json) => it.id === id).file_count, 1);
      const kept = await done(newChat(leaver, { assistant: id }));
      assert.equal(kept.assistant_files[0].name, 'rules.txt');
      const ids = [leaver.id];
      await done(site.asStaff('POST', `${path}members/remove/`, { ids }));
      assert.deepEqual(await titles(leaver), []);
      await refused(newChat(leaver, { assistant: id }), 404, 'prompt_not_found');
      // What a chat of one's own was begun with stays in it.
      assert.equal(await fileOf(leaver), 200);
      await as(leaver, 'DELETE', `/api/conversations/${kept.id}/`);
      assert.equal(await fileOf(leaver), 404);
      assert.deepEqual(await titles(member), ['Tutor']);
      await done(site.asStaff('POST', `${path}end/`, {}));
      assert.equal(await fileOf(member), 404);
      assert.deepEqual(await titles(member), []);
      await refused(site.asStaff('POST', `${path}prompts/`, TUTOR), 404, 'group_not_found');
    });

    test('a new chat begins with the default instructions and keeps them', async () => {
      const ada = await admin.person();
      assert.equal((await done(newChat(ada))).system_prompt, '');
      await done(as(ada, 'PUT', '/api/instructions/', { text: ' Be brief. ' }));
      assert.equal((await done(as(ada, 'GET', '/api/me/'))).instructions, 'Be brief.');
      const chat = await done(newChat(ada));
      assert.equal(chat.system_prompt, 'Be brief.');
      assert.equal((await done(newChat(ada, { system_prompt: '' }))).system_prompt, '');
      await done(as(ada, 'PUT', '/api/instructions/', { text: '' }));
      const kept = await done(as(ada, 'GET', `/api/conversations/${chat.id}/`));
      assert.equal(kept.system_prompt, 'Be brief.');
      assert.equal((await done(newChat(ada))).system_prompt, '');
      const long = as(ada, 'PUT', '/api/instructions/', { text: 'x'.repeat(20_001) });
      await refused(long, 400, 'invalid_fields');
    });

    test('an assistant sets instructions and model, and the chat says which it has', async () => {
      const ada = await admin.person();
      await done(as(ada, 'PUT', '/api/instructions/', { text: 'Be brief.' }));
      const id = await create(ada, TUTOR);
      const chat = await done(newChat(ada, { assistant: id }));
      assert.deepEqual(
        [chat.assistant, chat.system_prompt, chat.model],
        ['Tutor', 'Ask, do not tell.', 'scripted'],
      );
      const later = await done(newChat(ada));
      assert.deepEqual([later.assistant, later.system_prompt], [null, 'Be brief.']);
      const path = `/api/conversations/${later.id}/`;
      const changed = await done(as(ada, 'PATCH', path, { assistant: id }));
      assert.deepEqual([changed.assistant, changed.system_prompt], ['Tutor', TUTOR.text]);
      await done(as(ada, 'PATCH', `/api/prompts/${id}/`, { title: 'Other', text: 'Other.' }));
      assert.equal((await as(ada, 'DELETE', `/api/prompts/${id}/`)).status, 204);
      const kept = await done(as(ada, 'GET', `/api/conversations/${chat.id}/`));
      assert.deepEqual([kept.assistant, kept.system_prompt], ['Tutor', TUTOR.text]);
      await refused(newChat(ada, { assistant: id }), 404, 'prompt_not_found');
      const prompt = await create(ada, LETTER);
      await refused(newChat(ada, { assistant: prompt }), 404, 'prompt_not_found');
    });

    test('an assistant with a model that one may not use is refused, not given another', async () => {
      const ada = await admin.person();
      const id = await create(ada, { ...TUTOR, model: 'reserved' });
      const refusal = await refused(newChat(ada, { assistant: id }), 404, 'model_not_found');
      assert.match(refusal.text, /reserved/);
      assert.deepEqual((await done(as(ada, 'GET', '/api/conversations/'))).conversations, []);
      const chosen = await done(newChat(ada, { assistant: id, model: 'scripted' }));
      assert.deepEqual([chosen.assistant, chosen.model], ['Tutor', 'scripted']);
    });

    test('all of it is exported, and erased with the user', async () => {
      const ada = await admin.person();
      await done(as(ada, 'PUT', '/api/instructions/', { text: 'Be brief.' }));
      for (let nth = 0; nth < 21; nth += 1) await create(ada, { ...LETTER, title: `T ${nth}` });
      const exported = await done(as(ada, 'GET', '/api/account/export/'));
      assert.equal(exported.instructions, 'Be brief.');
      assert.equal(exported.prompts.length, 21);
      assert.equal(exported.prompts[20].text, LETTER.text);
      const path = `/api/admin/users/${ada.id}/`;
      await done(admin.ask(admin.root, 'PATCH', path, { is_active: false, reason: 'gone' }));
      const erased = await admin.ask(admin.root, 'DELETE', path, { reason: 'gone' });
      assert.ok(erased.status < 300, erased.text);
      const { prompts } = admin.chit.context;
      assert.deepEqual(await prompts.ofOwner({ userId: ada.id }), []);
      assert.equal(await prompts.defaultInstructions(ada.id), '');
    });
  });
});
