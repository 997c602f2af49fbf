/** Groups that a directory keeps up to date by SCIM, as Entra ID and Okta send them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AdminServer, type Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { done } from '../../support/groups.ts';
import { Directory, GROUP } from '../../support/scim.ts';

onEachDatabase((at) => {
  describe('groups by SCIM', () => {
    let admin: AdminServer;
    let okta: Directory;
    let people: string[] = [];
    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
      okta = await Directory.on(admin, 'Okta');
      const made = [];
      for (const name of ['ada', 'bob', 'cy', 'dora']) made.push(await okta.user(name));
      people = made.map(({ id }) => id);
    });
    after(() => admin.server.close());

    const make = (displayName: string, members: readonly string[] = []) =>
      okta.done('POST', '/Groups', {
        schemas: [GROUP],
        displayName,
        members: members.map((value) => ({ value, display: 'x' })),
      });
    const membersOf = async (id: string): Promise<string[]> =>
      (await okta.done('GET', `/Groups/${id}`)).members.map((it: Json) => it.value);
    const [ada, bob, cy, dora] = [0, 1, 2, 3].map((at) => () => people[at] as string) as [
      () => string,
      () => string,
      () => string,
      () => string,
    ];

    test('a group is made with a pool, found, renamed and ended', async () => {
      const made = await okta.ask('POST', '/Groups', {
        schemas: [
          GROUP,
          'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
        ],
        externalId: '8aa1a0c0',
        displayName: 'Class 7b',
        meta: { resourceType: 'Group' },
      });
      assert.equal(made.status, 201, made.text);
      const { id, ...about } = made.json as Json;
      assert.deepEqual(about.members, []);
      const shown = (await admin.read(`/api/admin/groups/${id}/`)).group;
      assert.equal(shown.name, 'Class 7b');
      assert.equal(shown.pool.tokens, 0);
      // As Entra ID asks before it makes one.
      const query = '/Groups?excludedAttributes=members&filter=displayName+eq+%22class+7B%22';
      const found = await okta.done('GET', query);
      assert.equal(found.Resources[0].id, id);
      assert.equal(found.Resources[0].members, undefined);
      const path = `/Groups/${id}`;
      // As Okta renames: without a path, with the id among the values.
      const renamed = await okta.patch(path, {
        op: 'replace',
        value: { id, displayName: 'Class 8b' },
      });
      assert.equal(renamed.status, 204, renamed.text);
      const entra = await okta.patch(path, { op: 'Replace', path: 'externalId', value: 'other' });
      assert.equal(entra.status, 204);
      const [again] = await okta.find('/Groups', 'externalId eq "other"');
      assert.equal(again.displayName, 'Class 8b');
      assert.equal((await okta.ask('DELETE', path)).status, 204);
      assert.equal((await okta.ask('GET', path)).status, 404);
      assert.deepEqual(await okta.find('/Groups', 'displayName eq "Class 8b"'), []);
      assert.notEqual((await admin.read(`/api/admin/groups/${id}/`)).group.ended_at, null);
      await make('Class 8b');
    });

    test('members come and go in every way they are sent', async () => {
      const { id } = await make('Moving', [ada()]);
      const path = `/Groups/${id}`;
      const steps: [operation: object, members: string[]][] = [
        [{ op: 'Add', path: 'members', value: [{ $ref: null, value: bob() }] }, [ada(), bob()]],
        // Entra ID names who leaves in the value.
        [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: ada() }] }, [bob()]],
        [{ op: 'add', path: 'members', value: { value: cy() } }, [bob(), cy()]],
        // Okta names who leaves in the path.
        [{ op: 'remove', path: `members[value eq "${bob()}"]` }, [cy()]],
        [{ op: 'remove', path: `members[value eq "${bob()}"]` }, [cy()]],
        [{ op: 'add', value: { members: [{ value: ada() }] } }, [ada(), cy()]],
        [{ op: 'replace', path: 'members', value: [{ value: dora() }] }, [dora()]],
        [{ op: 'replace', value: { displayName: 'Moved' } }, [dora()]],
        [{ op: 'replace', value: { id, displayName: 'Moved', members: [] } }, []],
        [{ op: 'add', path: 'members', value: [ada(), bob()] }, [ada(), bob()]],
        [{ op: 'remove', path: 'members' }, []],
      ];
      for (const [operation, members] of steps) {
        const { status, text } = await okta.patch(path, operation);
        assert.equal(status, 204, text);
        assert.deepEqual(await membersOf(id), members.toSorted(), JSON.stringify(operation));
      }
      // The last word about a member counts.
      await okta.patch(
        path,
        { op: 'add', path: 'members', value: [{ value: ada() }, { value: bob() }] },
        { op: 'remove', path: `members[value eq "${ada()}"]` },
      );
      assert.deepEqual(await membersOf(id), [bob()]);
      const body = { displayName: 'Moved', members: [{ value: cy() }] };
      assert.deepEqual(
        (await okta.done('PUT', path, body)).members.map((it: Json) => it.value),
        [cy()],
      );
      await okta.done('PUT', path, { displayName: 'Moved on' });
      assert.deepEqual(await membersOf(id), [cy()], 'nothing was said of members');
      const [found] = await okta.find('/Groups', `id eq "${id}" and members eq "${cy()}"`);
      assert.equal(found.id, id);
    });

    test('who stays keeps the role, and whom only staff know stays', async () => {
      const { id } = await make('Roles', [ada(), bob()]);
      const members = `/api/admin/groups/${id}/members/`;
      await done(admin.ask(admin.root, 'PATCH', `${members}${ada()}/`, { is_manager: true }));
      const local = await admin.person();
      await done(admin.ask(admin.root, 'POST', members, { users: [{ id: local.id }] }));
      await okta.done('PUT', `/Groups/${id}`, {
        displayName: 'Roles',
        members: [{ value: ada() }, { value: cy() }],
      });
      assert.deepEqual(await membersOf(id), [ada(), cy()]);
      const shown = (await admin.read(members)).members;
      assert.deepEqual(
        shown.map((it: Json) => [it.id, it.is_manager]).toSorted(),
        [
          [Number(ada()), true],
          [Number(cy()), false],
          [local.id, false],
        ].toSorted(),
      );
      const reply = await okta.patch(`/Groups/${id}`, {
        op: 'remove',
        path: `members[value eq "${local.id}"]`,
      });
      assert.equal(reply.status, 204, 'whoever is not of the directory is not in it for it');
      assert.equal((await admin.read(members)).members.length, 3);
    });

    test('only groups that a directory made are seen and changed', async () => {
      const by = await done(
        admin.ask(admin.root, 'POST', '/api/admin/groups/', { name: 'Staff’s' }),
      );
      const path = `/Groups/${by.group.id}`;
      for (const [method, body] of [
        ['GET'],
        ['DELETE'],
        ['PUT', { displayName: 'mine' }],
        ['PATCH', { Operations: [{ op: 'replace', path: 'displayName', value: 'mine' }] }],
      ] as const) {
        assert.equal((await okta.ask(method, path, body)).status, 404, method);
      }
      const { status, json } = await okta.ask('POST', '/Groups', { displayName: 'staff’s' });
      assert.equal(status, 409);
      assert.equal((json as Json).scimType, 'uniqueness');
      assert.equal((await admin.read(`/api/admin/groups/${by.group.id}/`)).group.name, 'Staff’s');
    });

    test('a member who is nobody is refused, and nothing is done', async () => {
      const { id } = await make('Whole', [ada()]);
      for (const value of ['12345', 'someone', people.join('')]) {
        const { status, json } = await okta.patch(
          `/Groups/${id}`,
          { op: 'replace', path: 'displayName', value: 'Other' },
          { op: 'add', path: 'members', value: [{ value: bob() }, { value }] },
        );
        assert.equal(status, 400, value);
        assert.equal((json as Json).scimType, 'invalidValue');
      }
      const group = await okta.done('GET', `/Groups/${id}`);
      assert.equal(group.displayName, 'Whole');
      assert.deepEqual(await membersOf(id), [ada()]);
      const made = await okta.ask('POST', '/Groups', {
        displayName: 'Never',
        members: [{ value: '12345' }],
      });
      assert.equal(made.status, 400);
      assert.deepEqual(await okta.find('/Groups', 'displayName eq "Never"'), []);
    });

    test('who is deleted leaves the groups; two at once make one group', async () => {
      const { id: leaver } = await okta.user('leaver');
      const { id } = await make('Left', [ada(), leaver]);
      await okta.ask('DELETE', `/Users/${leaver}`);
      assert.deepEqual(await membersOf(id), [ada()]);
      const both = await Promise.all(
        [0, 1].map(() => okta.ask('POST', '/Groups', { displayName: 'One' })),
      );
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409]);
    });
  });
});
