/** Files in chats: uploaded, sent, measured, paid, kept and deleted. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { storeFile } from '../../../src/app/chat/files/store-file.ts';
import { sweepFiles } from '../../../src/app/chat/files/sweep-files.ts';
import { addPrompt, removePrompt } from '../../../src/app/chat/prompts.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { docx, pdf, pdfLine, png, uploadForm } from '../../support/sample-files.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

interface ShownFile {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly size: number;
  readonly width: number | null;
  readonly pages: number | null;
}

const HOUR_MS = 3_600_000;

onEachDatabase((at) =>
  describe('files in chats', () => {
    let emulator: ProviderEmulator;
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;
    let conversation: string;

    before(async () => {
      emulator = await startProviderEmulator();
      const openAi = providerAt(emulator, 'openai', { kind: 'openai' });
      const anthropic = providerAt(emulator, 'anthropic', { kind: 'anthropic' });
      const models = [
        modelAt(openAi, 'sees', { upstreamModel: 'gpt-4o' }),
        modelAt(anthropic, 'claude', { upstreamModel: 'claude-sonnet-4-5' }),
        modelAt(openAi, 'blind', { upstreamModel: 'gpt-3.5-turbo', fallbacks: ['sees'] }),
      ];
      server = await startModelServer(models, {
        CHIT_DATABASE_URL: await at.newUrl(),
        CHIT_SIGNUP_TOKENS: '1000000',
        CHIT_FILES_QUOTA_MB: '1',
      });
    });
    beforeEach(async () => {
      emulator.reset();
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
      conversation = (await talker.begin()).id;
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
      await emulator.close();
    });

    const upload = async (name: string, content: Buffer, access = user.access) => {
      const response = await fetch(`${server.url}/api/files/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access}` },
        body: uploadForm(name, content),
      });
      const json = (await response.json()) as ShownFile & { code?: string; params?: object };
      return { status: response.status, json };
    };
    const attach = async (name: string, content: Buffer) => {
      const { status, json } = await upload(name, content);
      assert.equal(status, 201, JSON.stringify(json));
      return json;
    };
    const get = (id: string, access = user.access) =>
      fetch(`${server.url}/api/files/${id}/`, { headers: { authorization: `Bearer ${access}` } });
    const balance = () => server.balanceOf(user.userId);
    const isGone = async (id: string) => (await get(id)).status === 404;

    test('a picture and a text reach the model, and are paid exactly', async () => {
      const picture = await attach('cat.png', png(512, 512));
      assert.deepEqual(
        [picture.kind, picture.type, picture.width, picture.size],
        ['picture', 'image/png', 512, png(512, 512).length],
      );
      const text = await attach('list.csv', Buffer.from('a;b\n1;2\n'));
      assert.equal(text.kind, 'text');
      emulator.behave({ text: 'a cat', usage: { inputTokens: 321, outputTokens: 2 } });
      const files = [picture.id, text.id];
      const done = await talker.exchange(conversation, 'What is this?', { files });
      assert.equal(done.cost, 321 + 2 * 2);
      assert.deepEqual(await balance(), { postedCredits: 1_000_000 - 325, heldCredits: 0 });
      const url = `data:image/png;base64,${png(512, 512).toString('base64')}`;
      const [request] = emulator.requests;
      assert.deepEqual((request?.json as { messages: unknown }).messages, [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url } },
            {
              type: 'text',
              text: '<file name="list.csv">\na;b\n1;2\n\n</file>\n\nWhat is this?',
            },
          ],
        },
      ]);
      const { json } = await talker.call('GET', `/api/conversations/${conversation}/messages/`);
      const [message] = (json as { messages: { files: ShownFile[] }[] }).messages;
      assert.deepEqual(message?.files, [picture, text]);
    });

    test('the following messages have the files as well, in the form of their API', async () => {
      const picture = await attach('cat.png', png(64, 64));
      const paper = await attach('paper.pdf', pdf({ pages: [pdfLine('Hello')] }));
      assert.deepEqual([paper.kind, paper.pages], ['pdf', 1]);
      const files = [picture.id, paper.id];
      const first = await talker.exchange(conversation, 'one', { files, model: 'claude' });
      await talker.exchange(conversation, 'two', { parent: first.id, model: 'claude' });
      const sources = [
        { type: 'base64', media_type: 'image/png', data: png(64, 64).toString('base64') },
        {
          type: 'base64',
          media_type: 'application/pdf',
          data: pdf({ pages: [pdfLine('Hello')] }).toString('base64'),
        },
      ];
      const { messages } = emulator.requests[1]?.json as { messages: { content: unknown }[] };
      assert.equal(messages.length, 3);
      assert.deepEqual(messages[0]?.content, [
        { type: 'image', source: sources[0] },
        { type: 'document', source: sources[1], title: 'paper.pdf' },
        { type: 'text', text: 'one' },
      ]);
    });

    test('a model without eyes is given documents as text, and pictures are refused unheld', async () => {
      const paper = await attach('paper.pdf', pdf({ pages: [pdfLine('Hello')] }));
      const letter = await attach('letter.docx', docx('Dear all', 'Bye'));
      const files = [paper.id, letter.id];
      const first = await talker.exchange(conversation, 'Sum up', { files, model: 'blind' });
      const { messages } = emulator.requests[0]?.json as { messages: { content: unknown }[] };
      assert.equal(
        messages[0]?.content,
        '<file name="paper.pdf">\nHello\n</file>\n\n' +
          '<file name="letter.docx">\nDear all\nBye\n</file>\n\nSum up',
      );
      const before = await balance();
      const picture = await attach('cat.png', png(64, 64));
      const more = { files: [picture.id], parent: first.id, model: 'blind' };
      const { status, json } = await talker.say(conversation, 'Look', more);
      assert.equal(status, 400);
      assert.deepEqual((json as { code: string; params: object }).params, {
        kind: 'image',
        model: 'blind',
        models: ['sees', 'claude'],
      });
      assert.deepEqual(await balance(), before);
      assert.equal(emulator.requests.length, 1);
    });

    test('only its owner has a file, and a browser runs nothing of it', async () => {
      const page = Buffer.from('<script>alert(1)</script>');
      const { id, kind } = await attach('cat.png', page);
      assert.equal(kind, 'text');
      const mine = await get(id);
      assert.equal(mine.status, 200);
      assert.deepEqual(Buffer.from(await mine.arrayBuffer()), page);
      const header = (name: string) => mine.headers.get(name);
      assert.equal(header('content-type'), 'text/plain; charset=utf-8');
      assert.match(header('content-disposition') ?? '', /^attachment; filename="cat\.png"/);
      assert.equal(header('x-content-type-options'), 'nosniff');
      assert.match(header('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
      assert.match(header('cache-control') ?? '', /^private/);
      const other = await server.newUser();
      assert.equal((await get(id, other.access)).status, 404);
      assert.equal((await fetch(`${server.url}/api/files/${id}/`)).status, 401);
      const talk = new Talker(server.url, other.access);
      const theirs = (await talk.begin()).id;
      assert.equal((await talk.say(theirs, 'x', { files: [id] })).status, 404);
      assert.equal((await talk.call('DELETE', `/api/files/${id}/`)).status, 404);
      const picture = await attach('ü"\r\n.png', png(8, 8));
      const shown = await get(picture.id);
      assert.match(shown.headers.get('content-disposition') ?? '', /^inline; filename="_/);
    });

    test('the same content is stored once for a user, and the quota counts it once', async () => {
      const content = Buffer.alloc(600_000, 'x');
      const first = await attach('a.txt', content);
      const second = await attach('b.txt', content);
      assert.equal(second.id, first.id);
      assert.equal(second.name, 'b.txt');
      const { json } = await talker.call('GET', '/api/files/');
      assert.deepEqual(json, {
        used: 600_000,
        quota: 1_000_000,
        max_size: 20_000_000,
        max_files: 20,
      });
      const refused = await upload('c.txt', Buffer.alloc(600_000, 'y'));
      assert.equal(refused.status, 413);
      assert.deepEqual(refused.json.params, { max: 1_000_000, left: 400_000 });
      const [one, two] = await Promise.all([
        upload('d.txt', Buffer.alloc(300_000, 'd')),
        upload('e.txt', Buffer.alloc(300_000, 'e')),
      ]);
      assert.deepEqual([one.status, two.status].toSorted(), [201, 413]);
    });

    test('files go with the last chat that has them, and others when nobody sends them', async (t) => {
      const both = await attach('both.txt', Buffer.from('both'));
      const one = await attach('one.txt', Buffer.from('one'));
      const unsent = await attach('unsent.txt', Buffer.from('unsent'));
      const other = (await talker.begin()).id;
      await talker.exchange(conversation, 'x', { files: [both.id, one.id] });
      await talker.exchange(other, '', { files: [both.id] });
      assert.equal((await talker.call('DELETE', `/api/files/${one.id}/`)).status, 409);
      await talker.call('DELETE', `/api/conversations/${conversation}/`);
      assert.equal(await isGone(one.id), true);
      assert.equal(await isGone(both.id), false);
      const { context } = server.chit;
      await sweepFiles(context);
      assert.equal(await isGone(unsent.id), false);
      const { now } = context;
      t.mock.method(context, 'now', () => now() + HOUR_MS + 1_000);
      await sweepFiles(context);
      assert.equal(await isGone(unsent.id), true);
      assert.equal(await isGone(both.id), false);
      assert.equal(await context.files.bytesOf(user.userId), 4);
      await talker.call('DELETE', `/api/conversations/${other}/`);
      assert.equal(await isGone(both.id), true);
      await sweepFiles(context);
      assert.deepEqual(await Array.fromAsync(context.files.pieces(both.id, 'content')), []);
    });

    test('a message that is refused leaves its files to be sent again, once', async () => {
      const { id } = await attach('a.txt', Buffer.from('a'));
      const more = { files: [id, id], model: 'no such model' };
      assert.equal((await talker.say(conversation, 'x', more)).status, 404);
      assert.equal((await talker.say(conversation, ' ', {})).status, 400);
      const sent = await talker.say(conversation, ' ', { files: [id, id] }, 'key');
      assert.equal(sent.status, 201);
      const again = await talker.say(conversation, ' ', { files: [id, id] }, 'key');
      assert.equal((again.json as ShownMessage).id, (sent.json as ShownMessage).id);
      const reused = await talker.say(conversation, ' ', { files: [] }, 'key');
      assert.equal(reused.status, 400);
      const { files } = again.json as { files: ShownFile[] };
      assert.deepEqual(
        files.map((it) => it.id),
        [id],
      );
      await talker.follow((sent.json as ShownMessage).id);
    });

    test('files of an assistant go with the first message of its chats, and are paid', async () => {
      const picture = await attach('cat.png', png(512, 512));
      const rules = await attach('rules.txt', Buffer.from('Be kind.'));
      const own = await attach('own.txt', Buffer.from('Mine.'));
      const tutor = { kind: 'assistant', title: 'Tutor', text: 'Ask.', model: 'sees' };
      const its = { files: [picture.id, rules.id] };
      const made = await talker.call('POST', '/api/prompts/', { ...tutor, ...its });
      assert.equal(made.status, 201, made.text);
      const assistant = made.json as { id: string; files: ShownFile[] };
      assert.deepEqual(assistant.files, [picture, rules]);
      const chat = (await talker.begin({ assistant: assistant.id })) as unknown as {
        id: string;
        assistant_files: ShownFile[];
      };
      assert.deepEqual(chat.assistant_files, [picture, rules]);
      // What it has from now on is for chats that begin now.
      const path = `/api/prompts/${assistant.id}/`;
      assert.equal((await talker.call('PATCH', path, { files: [own.id] })).status, 200);
      const blind = await talker.say(chat.id, 'Hello', { model: 'blind' });
      assert.deepEqual((blind.json as { code: string }).code, 'files_not_read');
      assert.equal(emulator.requests.length, 0);

      emulator.behave({ text: 'a cat', usage: { inputTokens: 321, outputTokens: 2 } });
      const first = await talker.exchange(chat.id, 'Hello', { files: [own.id] });
      assert.equal(first.cost, 321 + 2 * 2);
      assert.deepEqual(await balance(), { postedCredits: 1_000_000 - 325, heldCredits: 0 });
      const url = `data:image/png;base64,${png(512, 512).toString('base64')}`;
      const text =
        '<file name="rules.txt">\nBe kind.\n</file>\n\n<file name="own.txt">\nMine.\n</file>';
      const sent = {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url } },
          { type: 'text', text: `${text}\n\nHello` },
        ],
      };
      const messagesOf = (nth: number) =>
        (emulator.requests[nth]?.json as { messages: unknown[] }).messages;
      assert.deepEqual(messagesOf(0), [{ role: 'system', content: 'Ask.' }, sent]);
      emulator.behave({ text: 'yes', usage: { inputTokens: 400, outputTokens: 1 } });
      const second = await talker.exchange(chat.id, 'Sure?', { parent: first.id });
      assert.equal(second.cost, 402);
      assert.deepEqual(messagesOf(1)[1], sent);
      assert.equal(messagesOf(1).length, 4);
      // Said anew, in other words, and with those files named that the first message had.
      const files = [picture.id, rules.id, own.id];
      await talker.exchange(chat.id, 'Hello', { files });
      assert.deepEqual(messagesOf(2), messagesOf(0));
      assert.equal((await talker.call('DELETE', path)).status, 204);
      assert.equal(await isGone(picture.id), false);
      await talker.call('DELETE', `/api/conversations/${chat.id}/`);
      assert.deepEqual(await Promise.all(files.map(isGone)), [true, true, true]);
      assert.deepEqual(await balance(), { postedCredits: 1_000_000 - 1_129, heldCredits: 0 });
    });

    test('files of a shared assistant are read by those who may use it, not behind a link', async () => {
      const { context } = server.chit;
      const { userId } = await server.newUser();
      const bytes = Buffer.from('<script>alert(1)</script>');
      const { id: uploaded } = await storeFile(context, userId, { name: 'a.html', bytes });
      const written = { kind: 'assistant', title: 'Tutor', content: 'Ask.' } as const;
      const fields = { ...written, files: [uploaded] };
      const shared = { isForAll: true } as const;
      const { id, files } = await addPrompt(context, shared, fields, { userId });
      const fileId = files[0]?.id ?? '';
      assert.notEqual(fileId, uploaded);
      const read = await get(fileId);
      assert.deepEqual(Buffer.from(await read.arrayBuffer()), bytes);
      assert.match(
        read.headers.get('content-disposition') ?? '',
        /^attachment; filename="a\.html"/,
      );
      assert.equal(read.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(await isGone(uploaded), true);
      const measured = await talker.call('POST', '/api/files/tokens/', { files: [fileId] });
      assert.equal(measured.status, 200);
      // It is not the user's to delete, to send elsewhere, or to give to another assistant.
      assert.equal((await talker.call('DELETE', `/api/files/${fileId}/`)).status, 404);
      assert.equal((await talker.say(conversation, 'x', { files: [fileId] })).status, 404);
      const mine = { kind: 'assistant', title: 'Mine', text: 'x', files: [fileId] };
      assert.equal((await talker.call('POST', '/api/prompts/', mine)).status, 404);

      const chat = await talker.begin({ assistant: id });
      const message = await talker.exchange(chat.id, 'Hello');
      const link = await talker.call('POST', `/api/conversations/${chat.id}/share/`, {});
      const token = (link.json as { share: string }).share.split('/').at(-1);
      const at = `/api/shared/${token}/messages/${message.id}/files/${fileId}/`;
      assert.equal((await fetch(`${server.url}${at}`)).status, 404);
      const account = (await (
        await fetch(`${server.url}/api/account/export/`, {
          headers: { authorization: `Bearer ${user.access}` },
        })
      ).json()) as { conversations: { messages: { files: ShownFile[] }[] }[] };
      const exported = account.conversations.flatMap((it) => it.messages.flatMap((m) => m.files));
      assert.deepEqual(
        exported.map((it) => it.id),
        [fileId],
      );
      // Once it is shared no longer, only those have it who have it in a chat.
      const other = await server.newUser();
      assert.equal((await get(fileId, other.access)).status, 200);
      await removePrompt(context, shared, id);
      assert.equal((await get(fileId, other.access)).status, 404);
      assert.equal((await get(fileId)).status, 200);
      await talker.call('DELETE', `/api/conversations/${chat.id}/`);
      assert.equal(await isGone(fileId), true);
    });

    test('what files are to each model is told before they are sent', async () => {
      const picture = await attach('cat.png', png(512, 512));
      const text = await attach('a.txt', Buffer.from('x'.repeat(400)));
      const { json } = await talker.call('POST', '/api/files/tokens/', {
        files: [picture.id, text.id],
      });
      const { models } = json as { models: { model: string; likely: number; most: number }[] };
      const [sees, , blind] = models as unknown as Record<string, unknown>[];
      assert.equal(sees?.model, 'sees');
      assert.deepEqual(sees?.unread, []);
      assert.deepEqual(blind?.unread, [picture.id]);
      // By OpenAI's formula for 512 × 512: a base of 85 and one tile of 170.
      assert.ok((sees?.likely as number) >= 255 + 100 && (sees?.likely as number) < 255 + 130);
      assert.ok((sees?.most as number) >= 255 + 400);
    });
  }),
);
