/** Files and tools in one message, and two models with tools that are compared. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepFiles } from '../../../src/app/chat/files/sweep-files.ts';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import {
  type DrivenProvider,
  type DrivenRequest,
  startDrivenProvider,
} from '../../support/driven-provider.ts';
import { type McpServer, startMcpServer, toolAt } from '../../support/mcp-server.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { png, uploadForm } from '../../support/sample-files.ts';
import {
  anthropicStream,
  openAiStream,
  type Streamed,
  signatureOf,
} from '../../support/tool-streams.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

/** The price of a token of input is 1, of output 2, of a call 7. */
const CALL = { name: 'library__search', input: { query: 'bees' } };
const FIRST: Streamed = { text: 'A bee.', calls: [CALL], usage: { input: 50, output: 10 } };
const SECOND: Streamed = { text: 'It is an insect.', usage: { input: 90, output: 5 } };
const COST = 50 + 20 + 90 + 10 + 7;
const HOUR_MS = 3_600_000;

onEachDatabase((at) =>
  describe('files and tools', () => {
    let provider: DrivenProvider;
    let mcp: McpServer;
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;
    let conversation: string;
    let files: readonly string[];

    before(async () => {
      provider = await startDrivenProvider();
      mcp = await startMcpServer();
      const slow = { idleTimeoutMs: 10_000, streamHeadersTimeoutMs: 10_000 };
      const openAi = { upstreamModel: 'gpt-4o', usesTools: true };
      const anthropic = { upstreamModel: 'claude-sonnet-4-5', usesTools: true };
      const models = [
        modelAt(providerAt(provider, 'openai', { kind: 'openai', ...slow }), 'gpt', openAi),
        modelAt(
          providerAt(provider, 'anthropic', { kind: 'anthropic', ...slow }),
          'claude',
          anthropic,
        ),
      ];
      server = await startModelServer(models, {
        CHIT_DATABASE_URL: await at.newUrl(),
        CHIT_SIGNUP_TOKENS: '1000000',
      });
    });
    beforeEach(async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url))], 8);
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
      conversation = (await talker.begin({ tools: ['library'] })).id;
      mcp.calls.length = 0;
      const text = Buffer.from('a;b');
      files = [await upload('bee.png', png(64, 64)), await upload('list.csv', text)];
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
      await provider.close();
      await mcp.close();
    });

    const upload = async (name: string, content: Buffer): Promise<string> => {
      const headers = { authorization: `Bearer ${user.access}` };
      const sent = { method: 'POST', headers, body: uploadForm(name, content) };
      const response = await fetch(`${server.url}/api/files/`, sent);
      return ((await response.json()) as { id: string }).id;
    };
    const spent = async () => {
      const { postedCredits, heldCredits } = await server.balanceOf(user.userId);
      assert.equal(heldCredits, 0);
      return 1_000_000 - postedCredits;
    };
    const isClaude = ({ body }: DrivenRequest) => body.model === 'claude-sonnet-4-5';
    const answer = (request: DrivenRequest, streamed: Streamed) =>
      request.end(isClaude(request) ? anthropicStream(streamed) : openAiStream(streamed));
    const messagesIn = ({ body }: DrivenRequest) =>
      body.messages as { role: string; content: unknown; tool_calls?: unknown }[];

    test('every round reads the files, and they are of the message alone', async (t) => {
      for (const model of ['gpt', 'claude']) {
        const sent = talker.exchange(conversation, 'What is this?', { files, model });
        const first = await provider.next();
        const [asked] = messagesIn(first);
        const kinds = (asked?.content as { type: string }[]).map(({ type }) => type);
        assert.deepEqual(kinds, [isClaude(first) ? 'image' : 'image_url', 'text']);
        assert.match(JSON.stringify(asked), /<file name=..list\.csv..>\\na;b\\n/);
        answer(first, FIRST);
        const second = await provider.next();
        assert.deepEqual(messagesIn(second)[0], asked);
        assert.equal(messagesIn(second).length, 3);
        answer(second, SECOND);
        const done = await sent;
        assert.equal(done.cost, COST);
        assert.deepEqual(
          (done as unknown as { files: { id: string }[] }).files.map(({ id }) => id),
          files,
        );
        // What follows is told the whole reply once, with the files.
        const next = talker.exchange(conversation, 'And?', { parent: done.id, model });
        const following = await provider.next();
        assert.deepEqual(
          messagesIn(following).map(({ role }) => role),
          ['user', 'assistant', 'user'],
        );
        assert.deepEqual(messagesIn(following)[0], asked);
        answer(following, SECOND);
        await next;
      }
      assert.equal(mcp.calls.length, 2);
      assert.equal(await spent(), 2 * (COST + 90 + 10));
      const { context } = server.chit;
      const { now } = context;
      t.mock.method(context, 'now', () => now() + HOUR_MS + 1_000);
      await sweepFiles(context);
      const [id = ''] = files;
      assert.ok(await context.files.find(user.userId, id));
      await talker.call('DELETE', `/api/conversations/${conversation}/`);
      assert.equal(await context.files.find(user.userId, id), undefined);
      assert.equal(await context.files.bytesOf(user.userId), 0);
    });

    test('two models are compared: each calls the tool by itself, and both are charged', async () => {
      const wishes = ['gpt', 'claude'].map((model) => ({ files, model }));
      const sent = wishes.map((it) => talker.exchange(conversation, 'What is this?', it));
      const firsts = [await provider.next(), await provider.next()];
      assert.equal(firsts.filter(isClaude).length, 1);
      for (const it of firsts) answer(it, FIRST);
      const seconds = [await provider.next(), await provider.next()];
      assert.equal(seconds.filter(isClaude).length, 1);
      for (const it of seconds) {
        assert.equal(messagesIn(it).length, 3);
        answer(it, SECOND);
      }
      const done = await Promise.all(sent);
      for (const it of done) {
        assert.deepEqual([it.status, it.cost], ['complete', COST]);
        assert.equal(it.reply, 'A bee.\n\nIt is an insect.');
      }
      assert.equal(mcp.calls.length, 2);
      assert.equal(await spent(), 2 * COST);
      const shown = await talker.messages(conversation);
      assert.deepEqual(shown.map(({ model, parent }) => [model, parent]).toSorted(), [
        ['claude', null],
        ['gpt', null],
      ]);
    });

    test('what a model of Anthropic thinks goes back with the answers, so that it thinks on', async () => {
      const { context } = server.chit;
      context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const { id } = await talker.begin({ tools: ['library'], model: 'claude', effort: 'low' });
      const sent = talker.exchange(id, 'What is a bee?', { files });
      const first = await provider.next();
      const thinking = { type: 'enabled', budget_tokens: 1_024 };
      assert.deepEqual(first.body.thinking, thinking);
      assert.equal(first.headers['anthropic-beta'], 'interleaved-thinking-2025-05-14');
      answer(first, { ...FIRST, thinking: 'I have to look.', redacted: 'c2VjcmV0' });
      // It waits for its user, and then another server may go on.
      const approve = async (callId: string) => {
        for (;;) {
          const [message] = await talker.messages(id);
          const calls = { [callId]: 'allow' };
          const path = `/api/messages/${message?.id}/approvals/`;
          if (message && (await talker.call('POST', path, { calls })).status === 200)
            return message;
          await sleep(5);
        }
      };
      const { id: messageId } = await approve('r01c00000');
      const second = await provider.next();
      const thought = (text: string) => {
        return { type: 'thinking', thinking: text, signature: signatureOf(text) };
      };
      const called = (callId: string) => {
        return { type: 'tool_use', id: callId, name: 'library__search', input: CALL.input };
      };
      const written = [
        thought('I have to look.'),
        { type: 'redacted_thinking', data: 'c2VjcmV0' },
        { type: 'text', text: 'A bee.' },
        called('r01c00000'),
      ];
      assert.deepEqual(messagesIn(second)[1]?.content, written);
      assert.deepEqual(second.body.thinking, thinking);
      answer(second, { ...FIRST, text: '', thinking: 'Once more.' });
      await approve('r02c00000');
      const third = await provider.next();
      assert.deepEqual(messagesIn(third)[1]?.content, written);
      const again = [thought('Once more.'), called('r02c00000')];
      assert.deepEqual(messagesIn(third)[3]?.content, again);
      assert.deepEqual(third.body.thinking, thinking);
      answer(third, { ...SECOND, thinking: 'Now I know.' });
      const done = await sent;
      assert.equal(done.cost, 2 * (50 + 20 + 7) + 90 + 10);
      assert.equal(await spent(), done.cost);
      const { json } = await talker.call('GET', `/api/messages/${messageId}/thinking/`);
      assert.deepEqual(json, { thinking: 'I have to look.\n\nOnce more.\n\nNow I know.' });
      // What only its model can read is of no use once it has answered.
      const { roundsBegun = [] } = (await context.toolLoops.find(messageId)) ?? {};
      assert.deepEqual(
        roundsBegun.map((it) => it.written),
        [undefined, undefined, undefined],
      );
      // The next message is told what was said, not what was thought.
      const next = talker.exchange(id, 'And?', { parent: messageId });
      const following = await provider.next();
      assert.equal(JSON.stringify(following.body).includes('signature'), false);
      answer(following, SECOND);
      await next;
    });

    test('of two that wait for their user, each is allowed by itself', async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const sent = ['gpt', 'claude'].map((model) =>
        talker.exchange(conversation, 'What is this?', { model }),
      );
      for (const it of [await provider.next(), await provider.next()]) answer(it, FIRST);
      const isWaiting = (it: ShownMessage) =>
        Boolean((it.tools as { approve_until: string | null } | null)?.approve_until);
      let waiting: readonly ShownMessage[] = [];
      while (waiting.length < 2) {
        waiting = (await talker.messages(conversation)).filter(isWaiting);
        await sleep(5);
      }
      const decide = (model: string, decision: string) => {
        const { id } = waiting.find((it) => it.model === model) ?? assert.fail();
        const calls = { r01c00000: decision };
        return talker.call('POST', `/api/messages/${id}/approvals/`, { calls });
      };
      assert.equal((await decide('gpt', 'deny')).status, 200);
      const denied = await provider.next();
      assert.equal(isClaude(denied), false);
      assert.deepEqual(mcp.calls, []);
      answer(denied, SECOND);
      await sent[0];
      assert.equal((await decide('claude', 'allow')).status, 200);
      answer(await provider.next(), SECOND);
      const costs = (await Promise.all(sent)).map(({ cost }) => cost);
      assert.deepEqual(costs, [COST - 7, COST]);
      assert.equal(mcp.calls.length, 1);
      assert.equal(await spent(), 2 * COST - 7);
    });
  }),
);
