/** Invitations by mail: sent with the deed or not at all, and what the link in the mail shows. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Context } from '../../../src/app/context.ts';
import { acceptInvitation } from '../../../src/app/invitations/accept-invitation.ts';
import { type InvitedPeople, invitePeople } from '../../../src/app/invitations/invite-people.ts';
import { sendInvitations } from '../../../src/app/invitations/mail-invitations.ts';
import { extendInvitations } from '../../../src/app/invitations/manage-invitations.ts';
import type { Person } from '../../../src/app/invitations/read-people.ts';
import { MailDelivery } from '../../../src/app/notices/deliver-mail.ts';
import { handOn } from '../../../src/app/notices/hand-on.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import {
  linkIn,
  type MailServer,
  type ReceivedMail,
  startMailServer,
} from '../../support/mail-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;
const PASSWORD = 'velvet-tram-19';

onEachDatabase((at) => {
  describe('mailed invitations', () => {
    let server: MailServer;
    let chit: Chit;
    let context: Context;

    before(async () => {
      server = await startMailServer();
      chit = await openTestChit(at.url, scriptedModel(flatPrice(100)), {
        CHIT_SMTP_URL: server.url,
        CHIT_MAIL_FROM: 'Chit <chit@example.org>',
        CHIT_PUBLIC_URL: 'https://chat.example.org',
      });
      ({ context } = chit);
    });
    after(async () => {
      await chit.close();
      await server.stop();
    });

    const person = (username: string, email: string | undefined): Person => ({
      name: undefined,
      username,
      email,
      groups: [],
      plan: undefined,
      tokens: undefined,
    });
    const invite = (people: readonly Person[], in_: Context = context): Promise<InvitedPeople> =>
      invitePeople(in_, BY, {
        people,
        hours: 24,
        hasPools: true,
        mailLanguage: 'de',
        expected: undefined,
      });
    /** Sends what is due, and returns it. */
    const sent = async (): Promise<ReceivedMail[]> => {
      const from = server.mails.length;
      await handOn(context);
      while ((await new MailDelivery(context).run()) > 0);
      return server.mails.slice(from);
    };

    test('who has an address is mailed a link, once more when asked, and it verifies it', async () => {
      const ada = person('ada', 'ada@school.example');
      const { invitations } = await invite([ada, person('grace', undefined)]);
      const [mail, ...others] = await sent();
      assert.deepEqual([mail?.recipients, others], [['ada@school.example'], []]);
      assert.match(mail?.text ?? '', /Benutzername/);
      const link = linkIn(mail as ReceivedMail);
      assert.match(link.href, /^https:\/\/chat\.example\.org\/invited#[\w-]{43}$/);
      assert.ok(
        !(mail?.text ?? '').includes(context.invitationCodes.codeOf(invitations[0]?.id ?? '')),
      );
      const some = { ids: invitations.map(({ id }) => id) };
      assert.equal(await sendInvitations(context, BY, { some, language: 'en' }), 1);
      const [again] = await sent();
      assert.match(again?.text ?? '', /Your username is ada/);
      assert.equal(linkIn(again as ReceivedMail).href, link.href);
      const code = link.hash.slice(1);
      const request = { code, username: undefined, password: PASSWORD, address: '192.0.2.1' };
      await acceptInvitation(context, request);
      const user = await context.users.byUsername('ada');
      const email = await context.emails.of(user?.id ?? 0);
      assert.equal(email?.email, 'ada@school.example');
      assert.ok(email?.verifiedAtMs);
      // Nobody is mailed who has come, or has no address.
      assert.equal(await sendInvitations(context, BY, { some, language: 'en' }), 0);
      assert.deepEqual(await sent(), []);
    });

    test('nobody is mailed who is not invited, and nobody is invited where there is no mail', async () => {
      const noMail = { ...context, mail: undefined };
      const alan = person('alan', 'alan@school.example');
      await assert.rejects(invite([alan], noMail), { code: 'mail_off' });
      const faulty = person('alan', 'not an address');
      await assert.rejects(invite([faulty, alan]), { code: 'invitations_refused' });
      assert.deepEqual(await sent(), []);
      const all = await context.invitations.all({ atMs: context.now() }, { most: 10 });
      assert.ok(all.every(({ username }) => username !== 'alan'));
      const made = await invite([alan]);
      const some = { batchId: made.batchId };
      await assert.rejects(sendInvitations(noMail, BY, { some, language: 'en' }), {
        code: 'mail_off',
      });
      assert.equal(await extendInvitations(context, BY, { some, lasting: { hours: 1 } }), 1);
      assert.equal((await sent()).length, 1);
    });
  });
});
