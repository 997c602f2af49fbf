/** Events for webhooks: signed, retried, and never posted where they must not be. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Context } from '../../../src/app/context.ts';
import { deliverEvents } from '../../../src/app/notices/deliver-events.ts';
import { handOn } from '../../../src/app/notices/hand-on.ts';
import { operatorNotice } from '../../../src/app/notices/new-notice.ts';
import {
  changeWebhook,
  endWebhook,
  goneSince,
  makeWebhook,
  renewSecret,
  resend,
  testWebhook,
} from '../../../src/app/notices/webhooks.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { guardedFetch } from '../../../src/models/tools/guarded-fetch.ts';
import { openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;
const KINDS = ['backup.failed', 'user.signed_up'] as const;

interface Posted {
  readonly body: string;
  readonly headers: Record<string, string>;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

onEachDatabase((at) => {
  describe('webhooks', () => {
    let chit: Chit;
    let context: Context;
    let receiver: Server;
    let url = '';
    let aheadMs = 0;
    let answer: Answer = (response) => void response.end();
    const posted: Posted[] = [];

    before(async () => {
      receiver = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const headers = request.headers as Record<string, string>;
          posted.push({ body: Buffer.concat(chunks).toString(), headers });
          answer(response, request);
        });
      });
      receiver.listen(0, '127.0.0.1');
      await once(receiver, 'listening');
      url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?key=1`;
      chit = await openTestChit(at.url, scriptedModel(flatPrice(100)), {
        CHIT_WEBHOOKS_PRIVATE: '1',
      });
      context = { ...chit.context, now: () => Date.now() + aheadMs };
    });
    after(async () => {
      await chit.close();
      receiver.closeAllConnections();
      receiver.close();
    });

    const failed = (reason = 'disk full') =>
      operatorNotice('backup.failed', { host: 'here', reason });
    const make = (wish = {}) =>
      makeWebhook(context, BY, { name: 'Ops', url, kinds: [...KINDS], isActive: true, ...wish });
    /** Tells operators, and delivers what is due. @returns what was posted */
    const deliver = async (...notices: Parameters<Context['notices']['add']>[0]) => {
      const from = posted.length;
      await context.notices.add(notices);
      await handOn(context);
      await deliverEvents(context);
      return posted.slice(from);
    };
    const newest = async (id: string) => {
      const [delivery] = await context.deliveries.ofWebhook(id, { beforeId: undefined, limit: 1 });
      assert.ok(delivery);
      return delivery;
    };

    test('an event is signed so that the library of Standard Webhooks accepts it', async () => {
      const { id, secret } = await make();
      const [event, ...others] = await deliver(
        failed(),
        operatorNotice('fallback.used', { model: 'a', fallback: 'b' }),
      );
      assert.equal(others.length, 0, 'only the kinds that it is for');
      assert.ok(event);
      const verified = new Webhook(secret).verify(event.body, event.headers);
      assert.deepEqual(Object.keys(verified as object), ['type', 'timestamp', 'data']);
      assert.equal((verified as { type: string }).type, 'backup.failed');
      assert.deepEqual((verified as { data: object }).data, { host: 'here', reason: 'disk full' });
      assert.throws(() => new Webhook(secret).verify(`${event.body} `, event.headers));
      const { state, attempts, lastStatus } = await newest(id);
      assert.deepEqual(
        { state, attempts, lastStatus },
        { state: 'sent', attempts: 1, lastStatus: 200 },
      );
      await endWebhook(context, BY, id);
      assert.deepEqual(await deliver(failed()), []);
    });

    test('a secret is renewed with a day in which both are signed with', async () => {
      const { id, secret: first } = await make();
      const { secret: second } = await renewSecret(context, BY, id);
      const [both] = await deliver(failed());
      assert.ok(both);
      for (const secret of [first, second]) new Webhook(secret).verify(both.body, both.headers);
      aheadMs += 25 * 3_600_000;
      const [one] = await deliver(failed());
      assert.equal(one?.headers['webhook-signature']?.split(' ').length, 1);
      const row = await chit.context.webhooks.find(id);
      assert.ok(!JSON.stringify(row).includes(second.slice(6)));
      await endWebhook(context, BY, id);
    });

    test('what is not taken is posted again after growing pauses, with the same id', async () => {
      const { id } = await make();
      answer = (response) => void response.writeHead(500).end('no');
      const [first] = await deliver(failed());
      assert.equal((await newest(id)).lastError, 'It answered with the status 500.');
      assert.deepEqual(await deliver(), []);
      aheadMs += 61_000;
      const [second] = await deliver();
      assert.equal(second?.headers['webhook-id'], first?.headers['webhook-id']);
      let tries = 2;
      for (let minutes = 0; minutes < 25 * 60; minutes += 10) {
        aheadMs += 600_000;
        tries += (await deliver()).length;
      }
      assert.ok(tries >= 9 && tries <= 13, `${tries} attempts`);
      assert.equal((await newest(id)).state, 'failed');
      answer = (response) => void response.end();
      await resend(context, id, (await newest(id)).id);
      assert.equal((await deliver()).length, 1);
      assert.equal((await newest(id)).state, 'sent');
      await endWebhook(context, BY, id);
    });

    test('two servers post each event once', async () => {
      const { id } = await make();
      await context.notices.add(Array.from({ length: 15 }, (_, n) => failed(`${n}`)));
      const from = posted.length;
      await Promise.all([handOn(context), handOn(context)]);
      await Promise.all([1, 2, 3].map(() => deliverEvents(context)));
      const ids = posted.slice(from).map(({ headers }) => headers['webhook-id']);
      assert.equal(ids.length, 15);
      assert.equal(new Set(ids).size, 15);
      await endWebhook(context, BY, id);
    });

    test('redirects are not followed, and endless answers are not read', async () => {
      const { id } = await make();
      answer = (response, request) => {
        if (request.url?.startsWith('/inside')) assert.fail('it was followed');
        response.writeHead(302, { location: url.replace('/hook', '/inside') }).end();
      };
      assert.equal((await deliver(failed())).length, 1);
      assert.equal((await newest(id)).lastStatus, 302);
      let isClosed: Promise<unknown> = Promise.resolve();
      answer = (response) => {
        response.writeHead(200);
        const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
        isClosed = once(response, 'close').then(() => clearInterval(more));
      };
      await deliver(failed());
      assert.equal((await newest(id)).state, 'sent');
      await isClosed;
      answer = (response) => void response.end();
      await endWebhook(context, BY, id);
    });

    test('one that does not answer is given up in time and holds up no other', async () => {
      const { id: slow } = await make();
      const { id: quick } = await make({ url: url.replace('/hook', '/quick') });
      const held: ServerResponse[] = [];
      answer = (response, request) =>
        request.url?.startsWith('/quick') ? void response.end() : void held.push(response);
      const webhookPost: Context['webhookPost'] = (to, init) => {
        const isQuick = String(to).endsWith('/quick');
        const given = isQuick ? {} : { signal: AbortSignal.timeout(200) };
        return context.webhookPost(to, { ...init, ...given });
      };
      await context.notices.add([failed()]);
      await handOn(context);
      await deliverEvents({ ...context, webhookPost });
      assert.equal((await newest(quick)).state, 'sent');
      assert.equal((await newest(slow)).lastError, 'It did not answer within 10 seconds.');
      for (const it of held) it.end();
      answer = (response) => void response.end();
      for (const id of [slow, quick]) await endWebhook(context, BY, id);
    });

    test('a receiver says when it is to be tried again, but not for longer than a day', async () => {
      const { id } = await make();
      const ask = async (status: number, after: string) => {
        answer = (response) => void response.writeHead(status, { 'retry-after': after }).end();
        const atMs = context.now();
        assert.equal((await deliver(failed(`${status} ${after}`))).length, 1);
        const { state, nextAtMs = 0 } = await newest(id);
        return state === 'waiting' ? Math.round((nextAtMs - atMs) / 60_000) : state;
      };
      assert.equal(await ask(429, '600'), 10);
      assert.equal(await ask(503, new Date(context.now() + 1_200_000).toUTCString()), 20);
      assert.equal(await ask(429, '1'), 1, 'never sooner than the growing pauses');
      assert.equal(await ask(500, '-5'), 1);
      assert.equal(await ask(503, 'soon'), 1);
      assert.equal(await ask(429, '999999999'), 24 * 60);
      answer = (response) => void response.end();
      await endWebhook(context, BY, id);
    });

    test('a receiver that is gone turns its webhook off, and gets no more', async () => {
      const { id } = await make();
      const { id: other } = await make({ url: `${url}&other` });
      answer = (response) => void response.writeHead(500).end();
      await deliver(failed('earlier'));
      answer = (response, request) =>
        void response.writeHead(request.url?.endsWith('other') ? 200 : 410).end();
      await deliver(failed('gone'));
      const stateOf = async (of: string) => {
        const webhook = await context.webhooks.find(of);
        assert.ok(webhook);
        const page = { beforeId: undefined, limit: 9 };
        const deliveries = await context.deliveries.ofWebhook(of, page);
        const states = deliveries.map(({ state, lastStatus }) => `${state} ${lastStatus}`);
        const isGone = (await goneSince(context, webhook)) !== undefined;
        return { isActive: webhook.isActive, isGone, states };
      };
      // What waited is given up too.
      const off = { isActive: false, isGone: true, states: ['failed 410', 'failed 500'] };
      assert.deepEqual(await stateOf(id), off);
      const on = { isActive: true, isGone: false, states: ['sent 200', 'waiting 500'] };
      assert.deepEqual(await stateOf(other), on);
      const log = { target: `webhook:${id}`, action: 'webhook.change', limit: 5 } as const;
      const { rows } = await context.auditLog.page(log);
      assert.deepEqual(
        rows.map(({ actor, after: changed }) => [actor, changed]),
        [['webhook:receiver', { is_active: false }]],
      );
      aheadMs += 120_000;
      assert.equal((await deliver(failed())).length, 2, 'both for the other one');
      const wish = { name: 'Ops', url, kinds: [...KINDS], isActive: true };
      await changeWebhook(context, BY, id, wish);
      await changeWebhook(context, BY, id, { ...wish, isActive: false });
      assert.equal((await stateOf(id)).isGone, false, 'staff turned it off');
      answer = (response) => void response.end();
      for (const each of [id, other]) await endWebhook(context, BY, each);
    });

    test('a receiver that is away takes no place of others, whatever waits for it', async () => {
      const { id: dead } = await make({ url: 'http://127.0.0.1:1/' });
      await context.notices.add(Array.from({ length: 40 }, (_, n) => failed(`${n}`)));
      await handOn(context);
      const { id: fine } = await make();
      await testWebhook(context, BY, fine);
      assert.equal((await deliver()).length, 1);
      assert.equal((await newest(fine)).state, 'sent');
      for (const id of [dead, fine]) await endWebhook(context, BY, id);
    });

    test('hostile answers: a gigabyte, bytes now and then, headers without end', async () => {
      const { id } = await make();
      const GIGABYTE = 1_000_000_000;
      let written = 0;
      let closed: Promise<unknown> = Promise.resolve();
      answer = (response) => {
        response.writeHead(200, { 'content-length': GIGABYTE });
        closed = once(response, 'close');
        const chunk = Buffer.alloc(1_000_000);
        const more = (): void => {
          if (response.destroyed || written >= GIGABYTE) return;
          written += chunk.length;
          if (response.write(chunk)) setImmediate(more);
          else response.once('drain', more);
        };
        more();
      };
      await deliver(failed());
      await closed;
      assert.equal((await newest(id)).state, 'sent');
      assert.ok(written < GIGABYTE / 20, `${written} bytes`);

      // Its status counts; that the rest never comes does not.
      let held: ServerResponse | undefined;
      answer = (response) => {
        response.writeHead(503, { 'content-length': 10 }).write('x');
        held = response;
      };
      await deliver(failed());
      assert.equal((await newest(id)).lastStatus, 503);
      held?.destroy();

      const soon =
        (ms: number): Context['webhookPost'] =>
        (to, init) =>
          context.webhookPost(to, { ...init, signal: AbortSignal.timeout(ms) });
      const postRaw = async (raw: (socket: Socket) => void, withinMs = 30_000) => {
        const slow = createTcpServer((socket) => {
          socket.on('error', () => undefined);
          raw(socket);
        });
        slow.listen(0, '127.0.0.1');
        await once(slow, 'listening');
        const { port } = slow.address() as AddressInfo;
        const { id: its } = await make({ url: `http://127.0.0.1:${port}/` });
        await testWebhook(context, BY, its);
        await deliverEvents({ ...context, webhookPost: soon(withinMs) });
        const { lastError } = await newest(its);
        await endWebhook(context, BY, its);
        slow.close();
        return lastError ?? '';
      };
      const timers: NodeJS.Timeout[] = [];
      const drip = await postRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        timers.push(setInterval(() => socket.write('x: y\r\n'), 20));
      }, 500);
      assert.equal(drip, 'It did not answer within 10 seconds.');
      const early = await postRaw((socket) => {
        timers.push(setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20));
      }, 500);
      assert.equal(early, 'It did not answer within 10 seconds.');
      const wide = await postRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1_000)}\r\n`.repeat(1_000)}\r\n`);
      });
      assert.match(wide, /Headers Overflow/);
      const wrong = await postRaw((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
      assert.notEqual(wrong, '');
      for (const it of timers) clearInterval(it);
      answer = (response) => void response.end();
      await endWebhook(context, BY, id);
    });

    test('the button of the panel sends an event, whatever the webhook is for', async () => {
      const { id } = await make({ isActive: false });
      assert.deepEqual(await deliver(failed()), []);
      await testWebhook(context, BY, id);
      const [event] = await deliver();
      assert.equal(JSON.parse(event?.body ?? '').type, 'webhook.test');
      await endWebhook(context, BY, id);
    });

    test('private addresses are refused: written, named, and where a name turns to one', async () => {
      const strict = { ...context, policy: { ...context.policy, hasPrivateWebhooks: false } };
      const wish = { name: 'x', kinds: [...KINDS], isActive: true };
      for (const bad of [
        'http://example.org/',
        'https://127.0.0.1/',
        'https://[::1]/',
        'https://169.254.169.254/latest/',
        'https://2130706433/',
        'https://localhost/',
        'https://db.internal/',
        'https://user:secret@example.org/',
        'ftp://example.org/',
        'no address',
      ]) {
        await assert.rejects(makeWebhook(strict, BY, { ...wish, url: bad }), {
          code: 'invalid_fields',
        });
      }
      // A name that means a public address when it is looked at, and the machine itself later.
      const { id } = await makeWebhook(strict, BY, { ...wish, url: 'https://rebind.example.org/' });
      const looked: string[] = [];
      const guarded = guardedFetch({
        allowPrivate: false,
        refusal: (name) => new Error(`${name} is private`),
        resolve: ((name: string, _how: object, done: (...found: unknown[]) => void) => {
          looked.push(name);
          done(null, [
            { address: '93.184.216.34', family: 4 },
            { address: '127.0.0.1', family: 4 },
          ]);
        }) as never,
      });
      await context.notices.add([failed()]);
      await handOn(context);
      await deliverEvents({ ...context, webhookPost: (to, init) => guarded.fetch(to, init) });
      await guarded.close();
      assert.deepEqual(looked, ['rebind.example.org']);
      assert.equal((await newest(id)).lastError, 'rebind.example.org is private');
      await endWebhook(context, BY, id);
    });

    test('changes are in the audit log, without what an address may hide', async () => {
      const { id } = await make();
      const wish = { name: 'Ops 2', url, kinds: ['user.signed_up'] as const, isActive: false };
      await changeWebhook(context, BY, id, wish);
      const { rows } = await context.auditLog.page({ target: `webhook:${id}`, limit: 5 });
      assert.deepEqual(
        rows.map(({ action }) => action),
        ['webhook.change', 'webhook.create'],
      );
      assert.ok(!JSON.stringify(rows).includes('key=1'));
      await endWebhook(context, BY, id);
    });
  });
});
