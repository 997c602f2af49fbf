/** A server dies between any two steps of a message with tools: nothing is charged twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConversation } from '../../src/app/chat/conversations.ts';
import { sendMessage } from '../../src/app/chat/send-message.ts';
import { endStaleLoops } from '../../src/app/chat/tools/end-stale-loops.ts';
import type { Context } from '../../src/app/context.ts';
import { recoverHolds } from '../../src/app/metering/recover-holds.ts';
import type { Chit } from '../../src/compose.ts';
import { textPrice } from '../../src/core/pricing.ts';
import { textUsage } from '../../src/core/usage.ts';
import { type Delta, MODEL_DEFAULTS, type Model } from '../../src/models/catalogue.ts';
import type { Tool } from '../../src/models/tools/tool.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { toolAt } from '../support/mcp-server.ts';

/** A credit for a token of input, two for one of output, seven for the call. */
const FIRST_COST = 50 + 2 * 10;
const CALL_COST = 7;
const SECOND_COST = 90 + 2 * 5 + CALL_COST;

const model: Model = {
  ...MODEL_DEFAULTS,
  name: 'calling',
  price: textPrice({ perMillionInput: 1_000_000, perMillionOutput: 2_000_000 }),
  outputLimit: 1_000,
  usesTools: true,
  async *generate({ tools }): AsyncIterable<Delta> {
    if (tools?.rounds.length === 0) {
      yield { text: 'Let me look.' };
      const call = { index: 0, id: '', name: 'library__search', arguments: '{"query":"bees"}' };
      yield { toolCalls: [call], usage: textUsage({ input: 50, output: 10 }) };
    } else {
      yield { text: 'Found.', usage: textUsage({ input: 90, output: 5 }) };
    }
  },
};

class Library implements Tool {
  readonly settings = toolAt('http://library.invalid');
  calls = 0;

  async functions() {
    return [{ name: 'search', description: '', parameters: { type: 'object' } }];
  }

  async call() {
    this.calls += 1;
    return { text: 'bees', isError: false };
  }

  async close() {}
}

/** What a server does, in order; it dies before or after one of them. */
const STEPS = ['begin', 'settle 1', 'beginRound', 'hold 2', 'endCall', 'settle 2', 'end'] as const;
type Step = (typeof STEPS)[number];

/** What is charged, and how the reply ends, if a server dies right after the step. */
const AFTER: Record<
  Step,
  { readonly charged: number; readonly reply: string; readonly end: string }
> = {
  begin: { charged: 0, reply: '', end: 'failed' },
  'settle 1': { charged: FIRST_COST, reply: 'Let me look.', end: 'incomplete' },
  beginRound: { charged: FIRST_COST, reply: 'Let me look.', end: 'incomplete' },
  'hold 2': { charged: FIRST_COST, reply: 'Let me look.', end: 'incomplete' },
  endCall: { charged: FIRST_COST + CALL_COST, reply: 'Let me look.', end: 'incomplete' },
  'settle 2': {
    charged: FIRST_COST + SECOND_COST,
    reply: 'Let me look.\n\nFound.',
    end: 'complete',
  },
  end: { charged: FIRST_COST + SECOND_COST, reply: 'Let me look.\n\nFound.', end: 'complete' },
};

onEachDatabase((at) => {
  for (const step of STEPS) {
    for (const when of ['before', 'after'] as const) {
      test(`a server dies ${when} "${step}": charged once, and told as it is booked`, async () => {
        const dying = await openTestChit(at.url, model);
        const library = new Library();
        dying.context.tools.replaceBy([library], 8);
        const userId = await newAccount(dying);
        await dying.context.lease.renew();
        const died = dieAt(dying.context, step, when);
        const { id } = await createConversation(dying.context, userId, { tools: ['library'] });
        const { message } = await sendMessage(dying.context, {
          userId,
          conversationId: id,
          content: 'What are bees?',
          parentId: undefined,
          model: undefined,
          idempotency: undefined,
          onLimits: () => undefined,
        });
        await died;

        const other = await openTestChit(at.url, model);
        await other.context.lease.renew();
        await dying.context.leases.renew(dying.context.lease.id, -1);
        await recover(other);
        await recover(other);
        const expected = expectedAt(step, when);
        const account = await other.context.ledger.account(userId);
        assert.deepEqual(account, { postedCredits: 4_000 - expected.charged, heldCredits: 0 });
        const found = await other.context.messages.find(userId, message.id);
        assert.equal(found?.status, expected.end);
        assert.equal(found?.reply ?? '', expected.reply);
        assert.equal(found?.chargedCredits, expected.charged);
        assert.ok(library.calls <= 1);
        assert.deepEqual(await faultsOf(other), []);
        await other.close();
        const { generations } = dying.context;
        generations.stopMany(generations.ids, 'server_lost');
        await dying.close();
      });
    }
  }
});

async function recover({ context }: Chit): Promise<void> {
  await recoverHolds(context);
  await endStaleLoops(context);
}

function expectedAt(step: Step, when: 'before' | 'after') {
  if (when === 'after') return AFTER[step];
  const before = STEPS[STEPS.indexOf(step) - 1];
  return before ? AFTER[before] : AFTER.begin;
}

/** From the step on, the server does nothing any more. @returns resolves when it has died */
function dieAt(context: Context, step: Step, when: 'before' | 'after'): Promise<void> {
  const died = Promise.withResolvers<void>();
  let isDead = false;
  const rounds = { hold: 0, settle: 0 };
  const pass = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const dies = name === step;
    if (dies && when === 'before') isDead = true;
    const result = isDead ? undefined : await work();
    if (dies) isDead = true;
    if (!isDead) return result as T;
    died.resolve();
    return new Promise<T>(() => undefined);
  };
  const { ledger, toolLoops } = context;
  const named = ({ kind }: { readonly kind: string }) => {
    if (kind !== 'hold' && kind !== 'settle') return kind;
    rounds[kind] += 1;
    return `${kind} ${rounds[kind]}`;
  };
  const dyingLedger = Object.create(ledger, {
    submit: {
      value: (command: Parameters<typeof ledger.submit>[0]) =>
        pass(named(command), () => ledger.submit(command)),
    },
    submitUntilKnown: {
      value: (...of: Parameters<typeof ledger.submitUntilKnown>) =>
        pass(named(of[0]), () => ledger.submitUntilKnown(...of)),
    },
  });
  const dyingLoops = new Proxy(toolLoops, {
    get: (target, name: keyof typeof toolLoops) => {
      const method = target[name] as (...of: unknown[]) => Promise<unknown>;
      return (...of: unknown[]) => pass(name, () => method.apply(target, of));
    },
  });
  Object.assign(context, { ledger: dyingLedger, toolLoops: dyingLoops });
  return died.promise.then(() => sleep(0));
}
