/** Mail from the outbox: what is sent, how often, and what happens when something fails. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import { changePassword } from '../../../src/app/accounts/change-password.ts';
import { logIn } from '../../../src/app/accounts/log-in.ts';
import { choosePassword } from '../../../src/app/accounts/one-time-links.ts';
import type { Context } from '../../../src/app/context.ts';
import { createScimUser } from '../../../src/app/directory/scim-users.ts';
import { MailDelivery, TAKEN_FOR_MS } from '../../../src/app/notices/deliver-mail.ts';
import {
  confirmAddress,
  giveAddress,
  removeAddress,
} from '../../../src/app/notices/email-address.ts';
import { forgotPassword } from '../../../src/app/notices/forgotten-password.ts';
import { handOn } from '../../../src/app/notices/hand-on.ts';
import { userNotice } from '../../../src/app/notices/new-notice.ts';
import { resendAllMail, resendMail } from '../../../src/app/notices/resend-mail.ts';
import { unsubscribe } from '../../../src/app/notices/unsubscribe.ts';
import { LdapDirectories } from '../../../src/auth/ldap/ldap-directory.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { Lease } from '../../../src/store/notices/deliveries.ts';
import type { FailedMailFilter } from '../../../src/store/notices/failed-mail.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { LDAP, ScriptedLdap } from '../../support/ldap.ts';
import {
  linkIn,
  type MailServer,
  type ReceivedMail,
  startMailServer,
} from '../../support/mail-server.ts';
import { CLI } from '../../support/plans.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const DAY_MS = 24 * 3_600_000;
const FLAGS = { isStaff: false, isSuperuser: false };
const PASSWORD = 'velvet-tram-19';
const REFUSED = 'nobody@example.org';

onEachDatabase((at) => {
  describe('mail', () => {
    let server: MailServer;
    let chit: Chit;
    let context: Context;
    let aheadMs = 0;

    before(async () => {
      server = await startMailServer({
        refuse: (to) => (to === REFUSED ? { status: 550, text: 'no such mailbox' } : undefined),
      });
      chit = await openTestChit(at.url, scriptedModel(flatPrice(100)), {
        CHIT_SMTP_URL: server.url,
        CHIT_MAIL_FROM: 'Chit <chit@example.org>',
        CHIT_PUBLIC_URL: 'https://chat.example.org',
        CHIT_TIME_ZONE: 'Europe/Berlin',
      });
      context = { ...chit.context, now: () => Date.now() + aheadMs };
    });
    after(async () => {
      await chit.close();
      await server.stop();
    });

    let names = 0;
    const newUser = async (email?: string) => {
      names += 1;
      const username = `user-${names}`;
      const userId = await createAccount(context, { username, password: PASSWORD, ...FLAGS });
      if (email !== undefined) await context.emails.set(userId, email, context.now());
      return { userId, username };
    };
    /** Sends what is due, and returns it. */
    const sent = async (in_: Context = context): Promise<ReceivedMail[]> => {
      const from = server.mails.length;
      await handOn(in_);
      while ((await new MailDelivery(in_).run()) > 0);
      return server.mails.slice(from);
    };
    const only = (mails: readonly ReceivedMail[]): ReceivedMail => {
      assert.equal(mails.length, 1);
      return mails[0] as ReceivedMail;
    };
    const failedNow = (filter: FailedMailFilter = {}) =>
      context.failedMail.page(filter, { limit: 50, atMs: context.now() });
    const tell = (userId: number, name = 'cron') =>
      context.notices.add([userNotice('key.new', userId, { name, prefix: 'chit_abc' })]);

    test('an address is confirmed by a link, and the one before is told of the next', async () => {
      const { userId } = await newUser();
      await giveAddress(context, userId, { email: ' Ann@example.org ', language: 'de-AT,de' });
      const mail = only(await sent());
      assert.deepEqual(mail.recipients, ['Ann@example.org']);
      assert.equal(mail.subject, 'Bestätige deine Adresse für chat.example.org');
      assert.equal(
        mail.headers.find(({ key }) => key === 'list-unsubscribe'),
        undefined,
      );
      const link = linkIn(mail);
      assert.equal(link.origin + link.pathname, 'https://chat.example.org/confirm');
      assert.equal((await context.emails.of(userId))?.verifiedAtMs, undefined);
      const token = link.hash.slice(1);
      // Whoever else reads the mail, or a program that opens its links, confirms nothing.
      const other = await newUser();
      const byOther = confirmAddress(context, other.userId, token);
      await assert.rejects(byOther, { code: 'link_of_another' });
      assert.equal(await context.emails.of(userId), undefined);
      assert.equal(await context.emails.of(other.userId), undefined);
      assert.deepEqual(await confirmAddress(context, userId, token), { email: 'Ann@example.org' });
      await assert.rejects(confirmAddress(context, userId, token), { code: 'link_invalid' });

      await giveAddress(context, userId, { email: 'new@example.org', language: undefined });
      const second = linkIn(only(await sent())).hash.slice(1);
      aheadMs += DAY_MS + 1;
      await assert.rejects(confirmAddress(context, userId, second), { code: 'link_invalid' });
      await giveAddress(context, userId, { email: 'new@example.org', language: 'de' });
      await confirmAddress(context, userId, linkIn(only(await sent())).hash.slice(1));
      const told = only(await sent());
      assert.deepEqual(told.recipients, ['Ann@example.org']);
      assert.match(told.text ?? '', /zu new@example\.org geändert/);
      await removeAddress(context, userId);
      assert.deepEqual(only(await sent()).recipients, ['new@example.org']);
      assert.equal(await context.emails.of(userId), undefined);
    });

    test('an address that somebody else has confirmed is not taken from them', async () => {
      await newUser('owner@example.org');
      const { userId } = await newUser();
      await giveAddress(context, userId, { email: 'OWNER@example.org', language: undefined });
      const token = linkIn(only(await sent())).hash.slice(1);
      await assert.rejects(confirmAddress(context, userId, token), { code: 'email_taken' });
      assert.equal(await context.emails.of(userId), undefined);
    });

    test('what cannot be an address gets no mail, and nobody fills a mailbox', async () => {
      const { userId } = await newUser();
      const give = (email: string) => giveAddress(context, userId, { email, language: 'en' });
      const bad = [
        '',
        'ann',
        'a@b',
        'a@b.c, x@example.org',
        'a b@example.org',
        'a@example.org\r\nBcc: x@y.zz',
        '<a@example.org>',
        '"a"@example.org',
        'a@-example.org',
        `${'a'.repeat(65)}@example.org`,
      ];
      for (const email of bad) {
        await assert.rejects(give(email), { code: 'invalid_fields' }, email);
      }
      for (let n = 0; n < 5; n += 1) await give('victim@example.org');
      await assert.rejects(give('victim@example.org'), { code: 'throttled' });
      const { userId: another } = await newUser();
      const again = { email: 'Victim@example.org', language: 'en' };
      await assert.rejects(giveAddress(context, another, again), { code: 'throttled' });
      await sent();
    });

    test('names make no headers, and no lines of their own', async () => {
      const { userId } = await newUser('keys@example.org');
      await tell(userId, 'x\r\nBcc: everybody@example.org\r\n\r\nHello\u202Eolleh');
      const mail = only(await sent());
      assert.deepEqual(mail.recipients, ['keys@example.org']);
      assert.equal(mail.bcc, undefined);
      assert.doesNotMatch(mail.raw, /^Bcc:/im);
      assert.match(mail.text ?? '', /"x Bcc: everybody@example\.org Hello olleh"/);
    });

    test('a crash after a mail was sent repeats it at most once, with the same id', async () => {
      const { userId } = await newUser('crash@example.org');
      await tell(userId);
      await handOn(context);
      const { deliveries } = context;
      const crashing = {
        claimMail: (lease: Lease) => deliveries.claimMail(lease),
        end: () => Promise.reject(new Error('killed')),
      } as unknown as typeof deliveries;
      const from = server.mails.length;
      await assert.rejects(new MailDelivery({ ...context, deliveries: crashing }).run(), /killed/);
      assert.equal(server.mails.length, from + 1);
      // Another server does not take it before the time is over.
      assert.equal(await new MailDelivery(context).run(), 0);
      aheadMs += TAKEN_FOR_MS + 1;
      const again = only(await sent());
      assert.equal(again.messageId, server.mails[from]?.messageId);
      assert.match(again.messageId ?? '', /^<[0-9a-f-]{36}@example\.org>$/);
      aheadMs += TAKEN_FOR_MS + 1;
      assert.deepEqual(await sent(), []);
    });

    test('two servers send each mail once', async () => {
      const { userId } = await newUser('both@example.org');
      for (let n = 0; n < 30; n += 1) await tell(userId, `key-${n}`);
      const from = server.mails.length;
      await Promise.all([handOn(context), handOn(context)]);
      const both = [new MailDelivery(context), new MailDelivery(context)];
      await Promise.all(
        both.map(async (it) => {
          for (let n = 0; n < 20; n += 1) await it.run();
        }),
      );
      const subjects = server.mails.slice(from).map(({ text = '' }) => /key-\d+/.exec(text)?.[0]);
      assert.equal(subjects.length, 30);
      assert.equal(new Set(subjects).size, 30);
    });

    test('while the server is down mail waits, and is sent when it is up again', async () => {
      const port = Number(new URL(server.url).port);
      await server.stop();
      const { userId } = await newUser('down@example.org');
      for (let n = 0; n < 12; n += 1) await tell(userId);
      await handOn(context);
      const delivery = new MailDelivery(context);
      const reasons: string[] = [];
      delivery.onUnreachable = (reason) => void reasons.push(reason);
      assert.equal(await delivery.run(), 0);
      assert.equal(await delivery.run(), 0);
      assert.equal(reasons.length, 1);
      assert.equal((await context.deliveries.mailQueue(5)).waiting, 12);
      server = await startMailServer({ port });
      assert.equal(await delivery.run(), 0, 'it rests');
      aheadMs += 120_000;
      while ((await delivery.run()) > 0);
      assert.equal(server.mails.length, 12);
      assert.equal((await context.deliveries.mailQueue(5)).waiting, 0);
    });

    test('after a day it is given up, and staff see it; its link is erased', async () => {
      const { userId } = await newUser();
      await giveAddress(context, userId, { email: 'late@example.org', language: undefined });
      await handOn(context);
      let tries = 0;
      const mailer = {
        send: async () => {
          tries += 1;
          return { outcome: 'unreachable', reason: 'refused', problem: 'no_connection' } as const;
        },
        close: () => undefined,
      };
      const { mail } = context;
      assert.ok(mail);
      const away: Context = { ...context, mail: { ...mail, mailer } };
      for (let minutes = 0; minutes < 25 * 60; minutes += 1) {
        aheadMs += 60_000;
        await new MailDelivery(away).run();
      }
      assert.ok(tries >= 9 && tries <= 14, `${tries} attempts`);
      const { waiting, failed } = await context.deliveries.mailQueue(5);
      assert.equal(waiting, 0);
      assert.equal(failed[0]?.kind, 'email.verify');
      assert.equal(failed[0]?.lastError, 'refused');
      assert.deepEqual(await sent(), []);
      // Its link was for a day, so nobody would have any use of it.
      const [late] = await failedNow();
      assert.equal(late?.obstacle, 'link_over');
      await assert.rejects(resendMail(context, CLI, late?.id ?? ''), { code: 'mail_not_repeated' });
    });

    test('mail that was given up is sent again, as far as somebody has use of it', async () => {
      const { mail } = context;
      assert.ok(mail);
      const refuse = async () =>
        ({ outcome: 'refused', reason: '554 go away', problem: 'other' }) as const;
      const away: Context = {
        ...context,
        mail: { ...mail, mailer: { send: refuse, close: () => undefined } },
      };
      const users = await Promise.all([1, 2, 3].map((it) => newUser(`again-${it}@example.org`)));
      const [one, two, three] = users.map(({ userId }) => userId) as [number, number, number];
      await tell(one);
      const low = { tokens: 10, below: 400 };
      await context.notices.add([two, three].map((it) => userNotice('balance.low', it, low)));
      await giveAddress(context, one, { email: 'fresh@example.org', language: 'en' });
      const sinceMs = context.now();
      await handOn(away);
      await new MailDelivery(away).run();
      assert.equal((await failedNow({ sinceMs })).length, 4);
      assert.deepEqual(await failedNow({ sinceMs: context.now() + 60_000 }), []);
      const ofKind = await failedNow({ kind: 'key.new', sinceMs });
      assert.deepEqual(
        ofKind.map(({ userId, lastError, obstacle }) => [userId, lastError, obstacle]),
        [[one, '554 go away', undefined]],
      );
      // Meanwhile one user has another address, one wants none of it, and one has no address.
      await context.emails.set(one, 'moved@example.org', context.now());
      await context.mailSettings.change(two, { tellsLow: false }, context.now());
      await removeAddress({ ...context, mail: undefined }, three);
      const told = await failedNow({ kind: 'balance.low', sinceMs });
      const why = new Map(told.map(({ userId, obstacle }) => [userId, obstacle]));
      assert.deepEqual([why.get(two), why.get(three)], ['not_wanted', 'no_address']);
      await sent();
      const from = server.mails.length;
      await resendMail(context, CLI, ofKind[0]?.id ?? '');
      await assert.rejects(resendMail(context, CLI, ofKind[0]?.id ?? ''), {
        code: 'delivery_not_found',
      });
      const { rows } = await context.auditLog.page({ target: 'site', limit: 1 });
      assert.deepEqual(
        [rows[0]?.action, rows[0]?.after],
        ['mail.resend', { kind: 'key.new', mails: 1 }],
      );
      const both = [1, 2].map(() => resendAllMail(context, CLI, { sinceMs }));
      const all = await Promise.all(both);
      const queued = all.reduce((sum, it) => sum + it.queued, 0);
      assert.equal(queued, 1, 'the one with a link that works');
      await sent();
      const recipients = server.mails.slice(from).flatMap((it) => it.recipients);
      assert.deepEqual(recipients.toSorted(), ['fresh@example.org', 'moved@example.org']);
      const link = server.mails.slice(from).find(({ subject }) => subject?.startsWith('Confirm'));
      assert.match(linkIn(link as ReceivedMail).hash, /^#[\w-]{43}$/);
      assert.equal((await failedNow({ sinceMs })).length, 2);
      const off = { ...context, mail: undefined };
      await assert.rejects(resendAllMail(off, CLI, {}), { code: 'mail_off' });
    });

    test('a link that is over is not mailed, however late the server takes mail', async () => {
      const { userId } = await newUser('slow@example.org');
      const [asked] = [{ name: 'slow@example.org', address: '192.0.2.77', languages: 'en' }];
      await (await forgotPassword(context, asked))();
      await handOn(context);
      aheadMs += 3_600_000;
      assert.deepEqual(await sent(), []);
      const [given] = await failedNow({ kind: 'password.forgotten' });
      assert.deepEqual([given?.userId, given?.obstacle], [userId, 'link_over']);
    });

    test('mail that somebody waits for goes before thousands of others, at the pace that is set', async () => {
      const { userId } = await newUser('many@example.org');
      const renewed = Array.from({ length: 40 }, (_, n) =>
        userNotice('allowance.renewed', userId, { tokens: n + 1 }),
      );
      await context.mailSettings.change(userId, { tellsRenewal: true }, context.now());
      await context.notices.add(renewed);
      await handOn(context);
      const { mail } = context;
      assert.ok(mail);
      const slow: Context = { ...context, mail: { ...mail, perMinute: 100 } };
      const delivery = new MailDelivery(slow);
      const from = server.mails.length;
      const now = () => server.mails.length - from;
      const start = context.now();
      const frozen = { ...slow, now: () => start };
      const paced = new MailDelivery(frozen);
      assert.equal(await paced.run(), 10, 'a tenth of what a minute may have');
      assert.equal(await paced.run(), 0);
      await tell(userId, 'urgent');
      await handOn(context);
      Object.assign(frozen, { now: () => start + 1_200 });
      assert.equal(await paced.run(), 2);
      assert.match(server.mails[from + 10]?.text ?? '', /urgent/);
      aheadMs += 60_000;
      await delivery.run();
      assert.equal(now(), 12 + 10);
      await sent();
      assert.equal(now(), 41);
    });

    test('no link is mailed for a password that an LDAP directory checks', async () => {
      const { userId, username } = await newUser('by-ldap@example.org');
      await context.ldapUsers.link(userId, 'entryuuid:1', context.now());
      const ldap = new LdapDirectories(() => LDAP, new ScriptedLdap().connect);
      const forgotten = { name: username, address: '192.0.2.9', languages: 'en' };
      await (await forgotPassword({ ...context, ldap }, forgotten))();
      assert.deepEqual(await sent(), []);
      await (await forgotPassword(context, forgotten))();
      only(await sent());
    });

    test('a password that was forgotten is chosen anew by a link that works once', async () => {
      const { userId, username } = await newUser('lost@example.org');
      const ask = async (name: string) => {
        const languages = 'de';
        const later = await forgotPassword(context, { name, address: '192.0.2.1', languages });
        await later();
        return sent();
      };
      assert.deepEqual(await ask('nobody-at-all'), []);
      assert.deepEqual(await ask('nobody@example.org'), []);
      const { username: without } = await newUser();
      assert.deepEqual(await ask(without), []);
      const mail = only(await ask('LOST@example.org'));
      assert.equal(mail.subject, 'Neues Passwort für chat.example.org');
      const first = linkIn(mail);
      assert.equal(first.pathname, '/reset');
      const link = linkIn(only(await ask(username))).hash.slice(1);
      const choose = (token: string, password: string) =>
        choosePassword(context, { token, password, address: '192.0.2.1' });
      await assert.rejects(choose(first.hash.slice(1), 'amber-kite-31'), { code: 'link_invalid' });
      await choose(link, 'amber-kite-31');
      await assert.rejects(choose(link, 'amber-kite-32'), { code: 'link_invalid' });
      assert.match(only(await sent()).subject ?? '', /wurde geändert|was changed/);
      // The third within the hour ends when the password is changed, and a fourth is not sent.
      const third = linkIn(only(await ask(username))).hash.slice(1);
      const user = await context.users.byId(userId);
      assert.ok(user);
      await changePassword(context, user, {
        oldPassword: 'amber-kite-31',
        newPassword: 'amber-kite-33',
        endsApiKeys: false,
        address: '192.0.2.1',
      });
      await assert.rejects(choose(third, 'amber-kite-34'), { code: 'link_invalid' });
      await sent();
      assert.deepEqual(await ask(username), []);
    });

    test('new browsers, keys and passwords are told of; known browsers are not', async () => {
      const { userId, username } = await newUser('alert@example.org');
      const signIn = (device?: string) =>
        logIn(context, {
          username,
          password: PASSWORD,
          address: '192.0.2.9',
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          isSession: true,
          ...(device === undefined ? {} : { device }),
        });
      await signIn();
      assert.deepEqual(await sent(), [], 'the first time');
      await context.users.noteSeen(new Map([[userId, context.now()]]));
      await signIn();
      const mail = only(await sent());
      assert.match(mail.text ?? '', /With: Firefox, Linux\nFrom the IP address: 192\.0\.2\.9/);
      await signIn(context.knownDevices.after('', userId));
      assert.deepEqual(await sent(), []);
      await createApiKey(context, {
        userId,
        name: 'cron',
        models: undefined,
        budgetCredits: undefined,
        expiresAtMs: undefined,
      });
      assert.match(only(await sent()).text ?? '', /"cron", which begins with chit_/);
      const kinds = (await context.notices.of(userId, { limit: 10 })).map(({ kind }) => kind);
      assert.deepEqual(kinds, ['key.new', 'sign_in.new']);
    });

    test('a directory that takes an account over is told of at the address before', async () => {
      const { userId, username } = await newUser('taken@example.org');
      await context.mailSettings.change(userId, { language: 'de' }, context.now());
      const principal = { actor: 'scim:test', address: undefined, user: undefined } as const;
      const wanted = { userName: username, email: 'given@example.org' };
      await createScimUser(context, principal, wanted);
      const mail = only(await sent());
      assert.deepEqual(mail.recipients, ['taken@example.org']);
      assert.equal(mail.subject, 'Ein Verzeichnis verwaltet dein Konto bei chat.example.org');
    });

    test('mail about balances is ended by one request, mail about security by none', async () => {
      const { userId } = await newUser('low@example.org');
      const low = () =>
        context.notices.add([userNotice('balance.low', userId, { tokens: 10, below: 400 })]);
      await low();
      const mail = only(await sent());
      const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value;
      assert.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
      const [url = ''] = /https:[^>]+/.exec(header('list-unsubscribe') ?? '') ?? [];
      const token = new URL(url).searchParams.get('token') ?? '';
      assert.ok(mail.text?.includes(`https://chat.example.org/unsubscribe#${token}`));
      await assert.rejects(unsubscribe(context, `${token}x`), { code: 'link_invalid' });
      assert.deepEqual(await unsubscribe(context, token), { kind: 'balance.low' });
      await low();
      assert.deepEqual(await sent(), []);
      assert.equal((await context.notices.of(userId, { limit: 10 })).length, 2, 'on the page');
      await tell(userId);
      assert.equal((await sent()).length, 1);
    });

    test('an address that the server refuses for ever is not tried again', async () => {
      await server.stop();
      server = await startMailServer({
        port: Number(new URL(server.url).port),
        refuse: (to) => (to === REFUSED ? { status: 550, text: 'no such mailbox' } : undefined),
      });
      const { userId } = await newUser(REFUSED);
      const { userId: other } = await newUser('fine@example.org');
      await tell(userId);
      await tell(other);
      assert.deepEqual(only(await sent()).recipients, ['fine@example.org']);
      const { waiting, failed } = await context.deliveries.mailQueue(1);
      assert.equal(waiting, 0);
      assert.match(failed[0]?.lastError ?? '', /no such mailbox/);
    });
  });
});
