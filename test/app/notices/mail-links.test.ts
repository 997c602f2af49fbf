/** What ends links that were mailed: who had a session or a mailbox before has no use of them. */
import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { hashOf } from '../../../src/app/accounts/api-keys.ts';
import { beginSession } from '../../../src/app/accounts/begin-session.ts';
import { changePassword } from '../../../src/app/accounts/change-password.ts';
import { changeUser, endSessionsOf } from '../../../src/app/accounts/manage-users.ts';
import { choosePassword, makePasswordLink } from '../../../src/app/accounts/one-time-links.ts';
import { endOtherSessions } from '../../../src/app/accounts/sessions.ts';
import type { Context } from '../../../src/app/context.ts';
import { changeScimUser, createScimUser } from '../../../src/app/directory/scim-users.ts';
import { confirmAddress, removeAddress } from '../../../src/app/notices/email-address.ts';
import { forgotPassword } from '../../../src/app/notices/forgotten-password.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const FLAGS = { isStaff: false, isSuperuser: false };
const PASSWORD = 'velvet-tram-19';
const NEW = 'amber-kite-31';
const ADDRESS = '192.0.2.1';
const DIRECTORY = { actor: 'scim:test', address: undefined, user: undefined } as const;
const STAFF = { actor: 'cli:test', address: undefined, user: undefined } as const;

onEachDatabase((at) => {
  describe('links that were mailed', () => {
    let chit: Chit;
    let context: Context;
    before(async () => {
      chit = await openTestChit(at.url, scriptedModel(flatPrice(100)), {
        CHIT_SMTP_URL: 'smtp://127.0.0.1:9',
        CHIT_MAIL_FROM: 'Chit <chit@example.org>',
        CHIT_PUBLIC_URL: 'https://chat.example.org',
      });
      ({ context } = chit);
    });
    after(() => chit.close());

    let count = 0;
    const newUser = async () => {
      count += 1;
      const account = { username: `user-${count}`, password: PASSWORD, ...FLAGS };
      const user = await context.users.byId(await createAccount(context, account));
      assert.ok(user);
      return user;
    };
    /** A link that confirms an address, as it is mailed. */
    const confirmation = async (userId: number) => {
      const token = `token-${userId}`;
      const email = `user-${userId}@example.org`;
      const link = { userId, email, tokenHash: hashOf(token), language: 'en' } as const;
      const expiresAtMs = Date.now() + 3_600_000;
      await context.mailSettings.addLink({ ...link, expiresAtMs }, [], Date.now());
      return token;
    };
    const choose = (token: string) =>
      choosePassword(context, { token, password: NEW, address: ADDRESS });

    test('a new password ends the link to an address that a thief has given', async () => {
      const user = await newUser();
      const token = await confirmation(user.id);
      const passwords = { oldPassword: PASSWORD, newPassword: NEW, endsApiKeys: false };
      await changePassword(context, user, { ...passwords, address: ADDRESS });
      await assert.rejects(confirmAddress(context, user.id, token), { code: 'link_invalid' });
      assert.equal(await context.emails.of(user.id), undefined);
    });

    test('so does signing the user out everywhere, by staff', async () => {
      const user = await newUser();
      const token = await confirmation(user.id);
      await endSessionsOf(context, STAFF, user.id);
      await assert.rejects(confirmAddress(context, user.id, token), { code: 'link_invalid' });
    });

    const session = (userId: number) =>
      beginSession(context, {
        user: { id: userId, passwordVersion: 0, lastSeenAtMs: undefined },
        address: ADDRESS,
        isKnownDevice: true,
        userAgent: undefined,
        isSession: true,
      });
    /** The token of a link to choose a password that is mailed. */
    const forgotten = async ({ id, username }: { id: number; username: string }) => {
      await context.emails.set(id, `old-${id}@example.org`, Date.now());
      const seal = mock.method(context.outboxSeal, 'seal');
      const asked = { name: username, address: ADDRESS, languages: 'en' };
      await (await forgotPassword(context, asked))();
      const token = String(seal.mock.calls[0]?.arguments[0]).split('#')[1] ?? '';
      seal.mock.restore();
      assert.ok(await context.oneTimeLinks.forPassword(hashOf(token), Date.now()));
      return token;
    };

    test('whoever ends all other sessions ends the links that somebody there asked for', async () => {
      const user = await newUser();
      assert.ok(await session(user.id));
      const mailed = await forgotten(user);
      const confirming = await confirmation(user.id);
      await endOtherSessions(context, user.id, { id: undefined, proof: undefined });
      await assert.rejects(choose(mailed), { code: 'link_invalid' });
      const confirmed = confirmAddress(context, user.id, confirming);
      await assert.rejects(confirmed, { code: 'link_invalid' });
      const { email } = (await context.emails.of(user.id)) ?? {};
      assert.equal(email, `old-${user.id}@example.org`);
    });

    test('staff who sign somebody out end links that were mailed, and none of their own', async () => {
      const user = await newUser();
      const mailed = await forgotten(user);
      await endSessionsOf(context, STAFF, user.id);
      await assert.rejects(choose(mailed), { code: 'link_invalid' });
      const link = await makePasswordLink(context, STAFF, user);
      await endSessionsOf(context, STAFF, user.id);
      await choose(link?.path.split('#')[1] ?? '');
    });

    test('a link that was mailed is used, though a new password ends all links', async () => {
      const user = await newUser();
      const mailed = await forgotten(user);
      await choose(mailed);
      assert.equal((await context.users.byId(user.id))?.passwordVersion, user.passwordVersion + 1);
      await assert.rejects(choose(mailed), { code: 'link_invalid' });
    });

    test('a link to choose a password ends with the address that it was mailed to', async () => {
      for (const end of ['removed', 'replaced'] as const) {
        const user = await newUser();
        const token = await forgotten(user);
        if (end === 'removed') await removeAddress(context, user.id);
        else await confirmAddress(context, user.id, await confirmation(user.id));
        await assert.rejects(choose(token), { code: 'link_invalid' });
      }
    });

    /** Whether a link is mailed to who says that they forgot their password. */
    const isMailed = async (name: string) => {
      const seal = mock.method(context.outboxSeal, 'seal');
      await (await forgotPassword(context, { name, address: ADDRESS, languages: 'en' }))();
      seal.mock.restore();
      const [path] = seal.mock.calls[0]?.arguments ?? [];
      return path === undefined ? undefined : String(path).split('#')[1];
    };
    const scim = async (userName: string, email = `${userName}@directory.example`) => {
      const { userId } = await createScimUser(context, DIRECTORY, { userName, email });
      const user = await context.users.byId(userId);
      assert.ok(user);
      return user;
    };

    test('an address of a directory opens no account of staff before they confirm it', async () => {
      const user = await scim('later-staff');
      assert.ok(await isMailed(user.username));
      await changeUser(context, STAFF, user.id, { isStaff: true, reason: undefined });
      const address = 'later-staff@directory.example';
      assert.equal(await isMailed(user.username), undefined);
      assert.equal(await isMailed(address), undefined);
      assert.equal(await context.emails.ownerOf(address), undefined);
      assert.equal((await context.emails.of(user.id))?.email, address);
      // A password of theirs, by a link from staff, changes nothing about the address.
      const link = await makePasswordLink(context, STAFF, { ...user, isStaff: true });
      await choose(link?.path.split('#')[1] ?? '');
      assert.equal(await isMailed(user.username), undefined);
      await confirmAddress(context, user.id, await confirmation(user.id));
      assert.ok(await isMailed(user.username));
    });

    test('nor does it open an account that was somebody’s before', async () => {
      const user = await newUser();
      const { userId } = await createScimUser(context, DIRECTORY, { userName: user.username });
      assert.equal(userId, user.id);
      await changeScimUser(context, DIRECTORY, userId, { email: 'thief@directory.example' });
      assert.equal(await isMailed(user.username), undefined);
      assert.equal(await isMailed('thief@directory.example'), undefined);
    });

    test('of who came by the directory it is enough, until the directory names another', async () => {
      const user = await scim('newcomer');
      await choose((await isMailed(user.username)) ?? '');
      assert.ok(await isMailed(user.username));
      await changeScimUser(context, DIRECTORY, user.id, { email: 'NEWCOMER@directory.example' });
      assert.ok(await isMailed(user.username));
      await changeScimUser(context, DIRECTORY, user.id, { email: 'other@directory.example' });
      assert.equal(await isMailed(user.username), undefined);
      await context.emails.set(user.id, 'own@example.org', Date.now());
      await changeScimUser(context, DIRECTORY, user.id, { email: 'own@example.org' });
      assert.equal((await context.emails.of(user.id))?.confirmedBy, 'user');
    });

    test('one that staff have made stays', async () => {
      const user = await newUser();
      const link = await makePasswordLink(context, STAFF, user);
      await confirmAddress(context, user.id, await confirmation(user.id));
      await choose(link?.path.split('#')[1] ?? '');
    });
  });
});
