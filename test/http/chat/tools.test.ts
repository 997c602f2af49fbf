/** Tools in a chat: rounds, what each costs, approval, and every way in which they can end. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { endStaleLoops } from '../../../src/app/chat/tools/end-stale-loops.ts';
import { newId } from '../../../src/app/ids.ts';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker, textOf } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { type McpServer, startMcpServer, textAnswer, toolAt } from '../../support/mcp-server.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { anthropicStream, openAiStream, type Streamed } from '../../support/tool-streams.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

/** The price of a token of input is 1, of output 2, of a call 7. */
const CALL = { name: 'library__search', input: { query: 'bees' } };
const FIRST: Streamed = {
  text: 'Let me look.',
  calls: [CALL],
  usage: { input: 50, output: 10 },
};
const SECOND: Streamed = { text: 'Bees are insects.', usage: { input: 90, output: 5 } };
const FIRST_COST = 50 + 20;
const SECOND_COST = 90 + 10 + 7;

onEachDatabase((at) =>
  describe('over HTTP', () => {
    let provider: DrivenProvider;
    let mcp: McpServer;
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;

    before(async () => {
      provider = await startDrivenProvider();
      mcp = await startMcpServer();
      const slow = { idleTimeoutMs: 10_000, streamHeadersTimeoutMs: 10_000 };
      const models = [
        modelAt(providerAt(provider, 'openai', slow), 'small', { usesTools: true }),
        modelAt(providerAt(provider, 'anthropic', slow), 'claude', { usesTools: true }),
      ];
      server = await startModelServer(models, {
        CHIT_DATABASE_URL: await at.newUrl(),
        CHIT_SIGNUP_TOKENS: '100000',
      });
    });
    beforeEach(async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url))], 8);
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
      mcp.calls.length = 0;
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
      await provider.close();
      await mcp.close();
    });

    const spent = async () => 100_000 - (await server.balanceOf(user.userId)).postedCredits;
    const answer = async (streamed: Streamed) =>
      (await provider.next()).end(openAiStream(streamed));

    /** The only message of a chat, once it waits for its user. */
    const waiting = async (id: string) => {
      for (;;) {
        const [message] = await talker.messages(id);
        const tools = message?.tools as { approve_until: string | null } | null;
        if (tools?.approve_until) return message;
        await sleep(5);
      }
    };

    test('a model calls a tool and answers: two rounds, charged to the token', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = await talker.say(id, 'What are bees?');
      const message = sent.json as ShownMessage;
      const following = talker.follow(message.id);
      const first = await provider.next();
      assert.deepEqual(
        (first.body.tools as { function: { name: string } }[]).map((it) => it.function.name),
        ['library__search', 'library__erase'],
      );
      first.end(openAiStream(FIRST));
      const second = await provider.next();
      assert.deepEqual(mcp.calls, [{ name: 'search', input: { query: 'bees' } }]);
      assert.equal(mcp.headers()['x-key'], 'secret');
      assert.deepEqual((second.body.messages as object[]).slice(1), [
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [
            {
              id: 'r01c00000',
              type: 'function',
              function: { name: 'library__search', arguments: '{"query":"bees"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'r01c00000', content: 'Found: bees' },
      ]);
      second.end(openAiStream(SECOND));
      const events = await following;
      assert.equal(textOf(events), 'Let me look.\n\nBees are insects.');
      const done = events.at(-1)?.data as ShownMessage & {
        tools: { rounds: object; calls: object };
      };
      assert.equal(done.reply, 'Let me look.\n\nBees are insects.');
      assert.equal(done.status, 'complete');
      assert.equal(done.cost, FIRST_COST + SECOND_COST);
      assert.equal(await spent(), FIRST_COST + SECOND_COST);
      assert.deepEqual((done.tools as { rounds: object }).rounds, [
        { cost: FIRST_COST, text_end: 12 },
        { cost: SECOND_COST, text_end: 31 },
      ]);
      assert.deepEqual(
        (await talker.messages(id)).map((it) => it.id),
        [message.id],
      );
      const { json } = await talker.call('GET', '/api/tokens/history/');
      const { results } = json as { results: Record<string, unknown>[] };
      assert.deepEqual(
        results.map((it) => [it.amount, it.round, it.message_id]),
        [
          [-SECOND_COST, 2, message.id],
          [-FIRST_COST, 1, message.id],
          [100_000, null, null],
        ],
      );
    });

    test('what a model thinks in each round is told as it comes, and kept with the message', async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = await talker.say(id, 'What are bees?');
      const message = sent.json as ShownMessage;
      const following = talker.follow(message.id);
      await answer({ ...FIRST, thinking: 'I have to look.' });
      await waiting(id);
      const path = `/api/messages/${message.id}/approvals/`;
      assert.equal(
        (await talker.call('POST', path, { calls: { r01c00000: 'allow' } })).status,
        200,
      );
      await answer({ ...SECOND, thinking: 'Now I know.' });
      const events = await following;
      const thought = events.filter(({ event }) => event === 'thinking');
      const pieces = thought.map(({ data }) => (data as { text: string }).text);
      assert.equal(pieces.join(''), 'I have to look.\n\nNow I know.');
      assert.equal(textOf(events), 'Let me look.\n\nBees are insects.');
      const { json } = await talker.call('GET', `/api/messages/${message.id}/thinking/`);
      assert.deepEqual(json, { thinking: 'I have to look.\n\nNow I know.' });
      assert.equal(await spent(), FIRST_COST + SECOND_COST);
    });

    test('the same in the format of Anthropic', async () => {
      const { id } = await talker.begin({ tools: ['library'], model: 'claude' });
      const sent = talker.exchange(id, 'What are bees?');
      const first = await provider.next();
      assert.deepEqual((first.body.tools as object[])[0], {
        name: 'library__search',
        description: 'Searches the library.',
        input_schema: { type: 'object', properties: { query: { type: 'string' } } },
      });
      first.end(anthropicStream(FIRST));
      const second = await provider.next();
      assert.deepEqual((second.body.messages as object[]).slice(1), [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_use', id: 'r01c00000', name: 'library__search', input: CALL.input },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'r01c00000', content: 'Found: bees' }],
        },
      ]);
      second.end(anthropicStream(SECOND));
      const done = await sent;
      assert.equal(done.reply, 'Let me look.\n\nBees are insects.');
      assert.equal(done.cost, FIRST_COST + SECOND_COST);
      assert.equal(await spent(), done.cost);
    });

    test('a chat without tools, and a model that calls none, cost what they cost before', async () => {
      const without = await talker.begin();
      const plain = talker.exchange(without.id, 'Hello');
      const asked = await provider.next();
      assert.equal(asked.body.tools, undefined);
      asked.end(openAiStream(SECOND));
      const first = await plain;
      assert.equal(first.cost, 100);
      assert.equal(first.tools, null);
      const { id } = await talker.begin({ tools: ['library', 'gone'] });
      const sent = talker.exchange(id, 'Hello');
      await answer(SECOND);
      assert.equal((await sent).tools, null);
      assert.equal(await spent(), 200);
    });

    test('a call without an answer is not charged, and the model is told', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      mcp.answer = (_, response) => {
        response.writeHead(500).end();
      };
      const sent = talker.exchange(id, 'What are bees?');
      await answer(FIRST);
      const second = await provider.next();
      mcp.answer = ({ query }) => textAnswer(`Found: ${String(query)}`);
      const { content } = (second.body.messages as { content: string }[]).at(-1) ?? {};
      assert.match(content ?? '', /^The tool gave no answer: /);
      second.end(openAiStream(SECOND));
      const done = await sent;
      assert.equal(done.cost, FIRST_COST + SECOND_COST - 7);
      assert.deepEqual(
        callsOf(done).map(({ state, cost }) => [state, cost]),
        [['failed', 0]],
      );
      assert.equal(await spent(), done.cost);
    });

    test('two calls at once, of which one is answered: it alone is charged', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      mcp.answer = ({ query }, response) => {
        if (query === 'bees') return textAnswer('Found.');
        response.writeHead(500).end();
        return undefined;
      };
      const sent = talker.exchange(id, 'What are bees?');
      const wasps = { ...CALL, input: { query: 'wasps' } };
      const bad = { name: 'library__unknown', input: {} };
      await answer({ ...FIRST, calls: [wasps, CALL, bad] });
      await answer(SECOND);
      mcp.answer = ({ query }) => textAnswer(`Found: ${String(query)}`);
      const done = await sent;
      assert.equal(done.cost, FIRST_COST + SECOND_COST);
      assert.deepEqual(
        callsOf(done).map(({ state }) => state),
        ['failed', 'done', 'refused'],
      );
      assert.equal(await spent(), done.cost);
    });

    test('a tool that was answered is charged although the model then fails', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = talker.exchange(id, 'What are bees?');
      await answer(FIRST);
      (await provider.next()).end({ error: { message: 'no' } });
      const done = await sent;
      assert.equal(done.status, 'incomplete');
      assert.equal(done.failure_code, 'tools_broke_off');
      assert.equal(done.reply, 'Let me look.');
      assert.equal(done.cost, FIRST_COST + 7);
      assert.equal(await spent(), done.cost);
    });

    test('stopped while a tool is at work: the rounds before are charged, the call is not', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const called = Promise.withResolvers<void>();
      mcp.answer = () => {
        called.resolve();
        return new Promise(() => undefined);
      };
      const { json } = await talker.say(id, 'What are bees?');
      const { id: message } = json as ShownMessage;
      await answer(FIRST);
      await called.promise;
      const stopped = await talker.call('POST', `/api/messages/${message}/stop/`, {});
      mcp.answer = ({ query }) => textAnswer(`Found: ${String(query)}`);
      const done = stopped.json as ToolMessage;
      assert.equal(done.failure_code, 'stopped');
      assert.equal(done.reply, 'Let me look.');
      assert.equal(done.cost, FIRST_COST);
      assert.equal(await spent(), FIRST_COST);
      assert.equal(provider.waiting, 0);
    });

    test('the balance ends in the middle: what there is stays, and is said in words', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = talker.exchange(id, 'What are bees?');
      const first = await provider.next();
      const { ledger, now } = server.chit.context;
      const { heldCredits } = await server.balanceOf(user.userId);
      const taken = { kind: 'grant', accountId: user.userId, actor: 'cli:test' } as const;
      const credits = 0 - (100_000 - heldCredits);
      const grant = { transferId: newId(), credits, reason: 'spent', idempotency: undefined };
      const result = await ledger.submit({ ...taken, ...grant, atMs: now() });
      assert.equal(result.outcome, 'granted');
      // All but 20 of what was held.
      first.end(openAiStream({ ...FIRST, usage: { input: heldCredits - 40, output: 10 } }));
      const done = await sent;
      assert.equal(done.failure_code, 'tools_unpaid');
      assert.equal(done.status, 'incomplete');
      assert.equal(done.reply, 'Let me look.');
      assert.equal(done.cost, heldCredits - 20);
      assert.deepEqual(await server.balanceOf(user.userId), { postedCredits: 20, heldCredits: 0 });
      assert.deepEqual(mcp.calls, []);
      assert.equal(provider.waiting, 0);
    });

    test('no more than what was agreed is spent, over all rounds', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const low = await talker.say(id, 'What are bees?', { most_cost: 5 });
      assert.equal(low.status, 400);
      assert.equal(low.headers['chit-error'], 'cost_limit_reached');
      const most = 2_000;
      const sent = talker.exchange(id, 'What are bees?', { most_cost: most });
      let rounds = 0;
      let isOver = false;
      void sent.then(() => {
        isOver = true;
      });
      while (!isOver && rounds < 20) {
        rounds += 1;
        await answer({ ...FIRST, usage: { input: 300, output: 200 } });
        await Promise.race([sent, nextRequest(provider, () => isOver)]);
      }
      const done = await sent;
      assert.equal(done.failure_code, 'tools_cost_reached');
      assert.ok((done.cost ?? 0) <= most && rounds > 1, `${done.cost} in ${rounds} rounds`);
      assert.equal(await spent(), done.cost);
    });

    test('in its last round the model has to answer', async () => {
      server.chit.context.tools.rounds = 2;
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = talker.exchange(id, 'What are bees?');
      await answer(FIRST);
      const last = await provider.next();
      assert.equal(last.body.tool_choice, 'none');
      last.end(openAiStream({ ...SECOND, calls: [CALL] }));
      const done = await sent;
      assert.equal(done.status, 'complete');
      assert.equal(callsOf(done).length, 1);
      assert.equal(mcp.calls.length, 1);
    });

    test('a call waits for its user, with nothing held, and goes on when allowed', async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const { id } = await talker.begin({ tools: ['library'] });
      const { json } = await talker.say(id, 'What are bees?');
      const { id: message } = json as ShownMessage;
      await answer(FIRST);
      assert.deepEqual(
        callsOf(await waiting(id)).map(({ state }) => state),
        ['waiting'],
      );
      assert.deepEqual(await server.balanceOf(user.userId), {
        postedCredits: 100_000 - FIRST_COST,
        heldCredits: 0,
      });
      assert.deepEqual(mcp.calls, []);
      const path = `/api/messages/${message}/approvals/`;
      const other = new Talker(server.url, (await server.newUser()).access);
      const allow = { calls: { r01c00000: 'allow' } };
      assert.equal((await other.call('POST', path, allow)).status, 404);
      assert.equal((await talker.call('POST', path, { calls: { other: 'allow' } })).status, 409);
      const following = talker.follow(message);
      const both = await Promise.all([1, 2].map(() => talker.call('POST', path, allow)));
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 409]);
      await answer(SECOND);
      const done = (await following).at(-1)?.data as ToolMessage;
      assert.equal(done.reply, 'Let me look.\n\nBees are insects.');
      assert.equal(done.cost, FIRST_COST + SECOND_COST);
      assert.equal(mcp.calls.length, 1);
      assert.equal(await spent(), done.cost);
    });

    test('a call that is denied is not made, and the model answers without it', async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const { id } = await talker.begin({ tools: ['library'] });
      const { json } = await talker.say(id, 'What are bees?');
      const { id: message } = json as ShownMessage;
      await answer(FIRST);
      await waiting(id);
      const following = talker.follow(message);
      const path = `/api/messages/${message}/approvals/`;
      assert.equal((await talker.call('POST', path, { calls: { r01c00000: 'deny' } })).status, 200);
      await answer(SECOND);
      const done = (await following).at(-1)?.data as ToolMessage;
      assert.equal(done.cost, FIRST_COST + SECOND_COST - 7);
      assert.deepEqual(mcp.calls, []);
      assert.equal(await spent(), done.cost);
    });

    test('a call that nobody allows in time, and one that is stopped while it waits', async () => {
      server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url, { approval: 'each' }))], 8);
      const { context } = server.chit;
      const ends = { late: 'tools_unapproved', stopped: 'stopped' };
      for (const [how, failure] of Object.entries(ends)) {
        const { id } = await talker.begin({ tools: ['library'] });
        const { json } = await talker.say(id, 'What are bees?');
        const { id: message } = json as ShownMessage;
        await answer(FIRST);
        await waiting(id);
        if (how === 'stopped') await talker.call('POST', `/api/messages/${message}/stop/`, {});
        else await endStaleLoops({ ...context, now: () => Date.now() + 3_600_000 });
        const done = (await talker.follow(message)).at(-1)?.data as ToolMessage;
        assert.equal(done.failure_code, failure);
        assert.equal(done.reply, 'Let me look.');
        assert.equal(done.cost, FIRST_COST);
      }
      assert.equal(await spent(), 2 * FIRST_COST);
      assert.deepEqual(mcp.calls, []);
    });

    test('a tool that cannot be reached: the message is refused, and nothing is charged', async () => {
      const away = new McpTool(toolAt('http://127.0.0.1:1/mcp'));
      server.chit.context.tools.replaceBy([away], 8);
      const { id } = await talker.begin({ tools: ['library'] });
      const refused = await talker.say(id, 'What are bees?');
      assert.equal(refused.status, 503);
      assert.match(refused.text, /The tool \\"library\\" cannot be reached/);
      assert.deepEqual(await talker.messages(id), []);
      assert.equal(await spent(), 0);
      const { json } = await talker.call('GET', '/api/tools/');
      const [tool] = (json as { tools: { is_available: boolean }[] }).tools;
      assert.equal(tool?.is_available, false);
    });

    test('a tool for others is neither listed nor called', async () => {
      const staff = new McpTool(toolAt(mcp.url, { allow: 'staff' }));
      server.chit.context.tools.replaceBy([staff], 8);
      const { json } = await talker.call('GET', '/api/tools/');
      assert.deepEqual((json as { tools: object[] }).tools, []);
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = talker.exchange(id, 'Hello');
      const asked = await provider.next();
      assert.equal(asked.body.tools, undefined);
      asked.end(openAiStream(SECOND));
      await sent;
    });

    test('rounds are exported with the chat, and deleted with it', async () => {
      const { id } = await talker.begin({ tools: ['library'] });
      const sent = talker.exchange(id, 'What are bees?');
      await answer(FIRST);
      await answer(SECOND);
      const { id: message } = await sent;
      const path = `/api/conversations/${id}/`;
      const exported = (await talker.call('GET', `${path}export/?format=json`)).json;
      const { messages } = exported as { messages: ToolMessage[] };
      assert.equal(messages.length, 1);
      assert.equal(callsOf(messages[0]).at(0)?.result, 'Found: bees');
      const steps = 'Let me look.\n\n*Used `search` of `library`*\n\nBees are insects.\n';
      assert.ok((await talker.call('GET', `${path}export/`)).text.endsWith(steps));
      const link = (await talker.call('POST', `${path}share/`, {})).json as { share: string };
      const shared = await talker.call('GET', `/api${link.share}/`);
      assert.deepEqual((shared.json as { messages: ShownMessage[] }).messages[0]?.tools, {
        rounds: [{ text_end: 12 }, { text_end: 31 }],
        calls: [{ id: 'r01c00000', round: 1, tool: 'library', name: 'search', state: 'done' }],
      });
      assert.doesNotMatch(shared.text, /Found: bees|"query|cost/);
      // A message that follows is told the whole reply.
      const next = talker.exchange(id, 'And wasps?', { parent: message });
      const asked = await provider.next();
      assert.deepEqual(
        (asked.body.messages as { content: string }[])[1]?.content,
        messages[0]?.reply,
      );
      asked.end(openAiStream(SECOND));
      await next;
      const before = await spent();
      assert.equal((await talker.call('DELETE', path)).status, 204);
      assert.equal(await server.chit.context.toolLoops.find(message), undefined);
      assert.equal(await spent(), before);
    });
  }),
);

interface ShownCall {
  readonly state: string;
  readonly cost: number;
  readonly result: string | null;
}

type ToolMessage = ShownMessage;

function callsOf(message: ShownMessage | undefined): readonly ShownCall[] {
  return (message?.tools as { calls: ShownCall[] } | null)?.calls ?? [];
}

/** Resolves once another request waits, or none will. */
async function nextRequest(provider: DrivenProvider, isOver: () => boolean): Promise<void> {
  while (provider.waiting === 0 && !isOver()) await sleep(5);
}
