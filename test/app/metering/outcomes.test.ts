/** The outcome table: how a generation ends, what it costs and what is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import type { Chit } from '../../../src/compose.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { flatPrice, type Price, textPrice } from '../../../src/core/pricing.ts';
import type { ReplyFailure } from '../../../src/core/reply-failure.ts';
import type { Unpriced } from '../../../src/core/usage.ts';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Step, script, scriptedModel } from '../../support/scripted-model.ts';

/** A credit for each token of input and output, so that costs can be read off. */
const PER_TOKEN = textPrice({
  perMillionInput: 1_000_000,
  perMillionCachedInput: 500_000,
  perMillionOutput: 1_000_000,
});

interface Row {
  readonly name: string;
  readonly steps: Step[];
  readonly price?: Price;
  /** Stops the generation at this moment: the time that it takes to come is no matter. */
  readonly stopAt?: 'admission' | 'first words';
  /**
   * What is charged; `COUNTED` is our count of the script and of what was delivered, and
   * `besides` what is charged beside our count of what was delivered.
   */
  readonly charged: number | typeof COUNTED | { readonly besides: number };
  readonly status: 'complete' | 'incomplete' | 'failed';
  readonly reply: string | null;
  readonly source?: 'provider' | 'counted' | 'flat';
  readonly shortfall?: number;
  readonly unpriced?: Unpriced;
  readonly failure?: ReplyFailure;
}

const COUNTED = 'counted';

const USAGE = { usage: { input: 30, output: 12 } };

const MUCH: Step[] = [{ say: 'much' }, { usage: { input: 50, output: 9_000 } }];
/** The hold pays for as many tokens of input as it has bytes, and for 1,000 of output. */
const SCRIPT_OF_MUCH = Buffer.byteLength(script(...MUCH));

/** Cache writes, searches and a service tier have prices too. */
const IN_UNITS: Price = {
  rates: { ...PER_TOKEN.rates, cache_write_1h: [3, 1], search: [40, 1] },
  tiers: { priority: [2, 1] },
};
/** 250 credits for the cached input and 5 for the rest. */
const TOLD: Step = { told: { counts: { input: 5, cached_input: 500 } } };
const IN_ALL_UNITS = {
  input: 10,
  cached_input: 4,
  cache_write_5m: 8,
  cache_write_1h: 5,
  search: 2,
};

const ROWS: Row[] = [
  {
    name: 'complete, and the provider sent usage: the cost of that usage',
    steps: [{ say: 'all ' }, { say: 'of it' }, USAGE],
    charged: 42,
    status: 'complete',
    reply: 'all of it',
    source: 'provider',
  },
  {
    name: 'complete, with cached input: at its own rate',
    steps: [{ say: 'hi' }, { usage: { ...USAGE.usage, cachedInput: 20 } }],
    charged: 32,
    status: 'complete',
    reply: 'hi',
    source: 'provider',
  },
  {
    name: 'complete without usage: a count of what was delivered',
    steps: [{ say: 'one two three' }],
    charged: COUNTED,
    status: 'complete',
    reply: 'one two three',
    source: 'counted',
  },
  {
    name: 'complete with a usage of zero, though text came: counted too',
    steps: [{ say: 'one two three' }, { usage: { input: 0, output: 0 } }],
    charged: COUNTED,
    status: 'complete',
    reply: 'one two three',
    source: 'counted',
  },
  {
    name: 'complete, but more than its limit: the hold, and the rest is shortfall',
    steps: MUCH,
    charged: 1_000 + SCRIPT_OF_MUCH,
    status: 'complete',
    reply: 'much',
    source: 'provider',
    shortfall: 9_050 - 1_000 - SCRIPT_OF_MUCH,
  },
  {
    name: 'complete, in several units: each at its rate, and writes to the cache by the input',
    price: IN_UNITS,
    steps: [{ say: 'hi' }, { told: { counts: { ...IN_ALL_UNITS, output: 6 } } }],
    charged: 10 + 2 + 10 + 15 + 80 + 6,
    status: 'complete',
    reply: 'hi',
    source: 'provider',
  },
  {
    name: 'complete, by a service tier: by the factor of the tier that answered',
    price: IN_UNITS,
    steps: [{ say: 'hi' }, { told: { counts: { input: 30, output: 12 }, tier: 'priority' } }],
    charged: 84,
    status: 'complete',
    reply: 'hi',
    source: 'provider',
  },
  {
    name: 'complete, in units and by a tier without a price: recorded as such',
    steps: [
      { say: 'hi' },
      { told: { counts: { input: 30, output: 12, search: 3 }, tier: 'priority' } },
    ],
    charged: 42,
    status: 'complete',
    reply: 'hi',
    source: 'provider',
    unpriced: { search: 3, 'tier:priority': 1 },
  },
  {
    name: 'told input, then broke off: the input as told, and a count of what was delivered',
    steps: [TOLD, { say: 'one two' }, { fail: 'reset' }],
    charged: { besides: 255 },
    status: 'incomplete',
    reply: 'one two',
    source: 'counted',
    failure: 'model_broke_off',
  },
  {
    name: 'told input, then stopped by the user: the same',
    steps: [TOLD, { say: 'one two' }, { hang: true }],
    stopAt: 'first words',
    charged: { besides: 255 },
    status: 'incomplete',
    reply: 'one two',
    source: 'counted',
    failure: 'stopped',
  },
  {
    name: 'told input, then broke off before the first token: nothing',
    steps: [TOLD, { fail: 'reset' }],
    charged: 0,
    status: 'failed',
    reply: null,
    failure: 'model_failed',
  },
  {
    name: 'reasoning only, then broke off: a count of it',
    steps: [{ nonReplyOutput: 'one two' }, { fail: 'reset' }],
    charged: COUNTED,
    status: 'incomplete',
    reply: '',
    source: 'counted',
    failure: 'model_broke_off',
  },
  {
    name: 'failed before the first token: nothing',
    steps: [{ fail: 'overloaded' }],
    charged: 0,
    status: 'failed',
    reply: null,
    failure: 'model_failed',
  },
  {
    name: 'silent before the first token: nothing',
    steps: [{ hang: true }],
    charged: 0,
    status: 'failed',
    reply: null,
    failure: 'model_timed_out',
  },
  {
    name: 'an empty answer: nothing',
    steps: [],
    charged: 0,
    status: 'failed',
    reply: null,
    failure: 'empty_reply',
  },
  {
    name: 'broke off in the middle without usage: a count of what was delivered',
    steps: [{ say: 'one two' }, { fail: 'reset' }],
    charged: COUNTED,
    status: 'incomplete',
    reply: 'one two',
    source: 'counted',
    failure: 'model_broke_off',
  },
  {
    name: 'broke off in the middle after usage: the cost of that usage',
    steps: [{ say: 'one two' }, USAGE, { fail: 'reset' }],
    charged: 42,
    status: 'incomplete',
    reply: 'one two',
    source: 'provider',
    failure: 'model_broke_off',
  },
  {
    name: 'fell silent in the middle: what was delivered',
    steps: [{ say: 'one two' }, { hang: true }],
    charged: COUNTED,
    status: 'incomplete',
    reply: 'one two',
    source: 'counted',
    failure: 'model_fell_silent',
  },
  {
    name: 'stopped by the user in the middle: what was delivered',
    steps: [{ say: 'one two' }, { hang: true }],
    stopAt: 'first words',
    charged: COUNTED,
    status: 'incomplete',
    reply: 'one two',
    source: 'counted',
    failure: 'stopped',
  },
  {
    name: 'stopped by the user before anything came: nothing',
    steps: [{ hang: true }],
    stopAt: 'admission',
    charged: 0,
    status: 'failed',
    reply: null,
    failure: 'stopped_before_reply',
  },
  {
    name: 'flat price, complete: the price',
    price: flatPrice(100),
    steps: [{ say: 'hello' }, USAGE],
    charged: 100,
    status: 'complete',
    reply: 'hello',
    source: 'flat',
  },
  {
    name: 'flat price, broke off after something was delivered: the whole price',
    price: flatPrice(100),
    steps: [{ say: 'h' }, { fail: 'reset' }],
    charged: 100,
    status: 'incomplete',
    reply: 'h',
    source: 'flat',
  },
  {
    name: 'flat price, nothing delivered: nothing',
    price: flatPrice(100),
    steps: [USAGE, { fail: 'reset' }],
    charged: 0,
    status: 'failed',
    reply: null,
  },
];

onEachDatabase((at) => {
  for (const row of ROWS) {
    test(row.name, async () => {
      const isSilent = row.stopAt === undefined && row.steps.some((it) => 'hang' in it);
      const idleTimeoutMs = isSilent ? 60 : 60_000;
      const model = scriptedModel(row.price ?? PER_TOKEN, { idleTimeoutMs });
      const chit = await openTestChit(at.url, model);
      const database = openDatabase(at.url);
      const userId = await newAccount(chit);
      await send(chit, userId, row);

      const charged = await chargeOf(row);
      const account = await chit.context.ledger.account(userId);
      assert.deepEqual(account, { postedCredits: 4_000 - charged, heldCredits: 0 });
      const [line] = await chit.context.transfers.statement(userId, { ...NEWEST, limit: 1 });
      if (row.source) {
        assert.equal(line?.kind, 'charge');
        assert.equal(line?.usage?.source, row.source);
      } else {
        assert.equal(line?.kind, 'grant', 'nothing was booked');
      }
      const message = await onlyMessage(database, userId);
      assert.equal(message.status, row.status);
      assert.equal(message.reply, row.reply);
      assert.deepEqual(JSON.parse(message.unpriced ?? 'null'), row.unpriced ?? null);
      assert.equal(message.shortfall, row.source ? (row.shortfall ?? 0) : null);
      if (row.failure) assert.equal(message.failure, row.failure);
      else if (row.status === 'complete') assert.equal(message.failure, null);
      assert.deepEqual(await faultsOf(chit), []);
      await chit.close();
      await database.close();
    });
  }
});

const NEWEST = { beforeNumber: undefined };

/** Sends the row's script and asserts that it fails or replies as the row expects. */
async function send(chit: Chit, userId: number, row: Row): Promise<void> {
  const stop = new AbortController();
  const stopAt = (moment: Row['stopAt']) => () => {
    if (row.stopAt === moment) stop.abort('stop');
  };
  const request = { userId, content: script(...row.steps), idempotency: undefined };
  const told = { onAdmitted: stopAt('admission'), onText: stopAt('first words') };
  const sent = completeChat(chit.context, { ...request, ...told, stop: stop.signal });
  if (row.status === 'failed') {
    await assert.rejects(sent, (error) => hasCode(error, 'model_failed'));
  } else {
    assert.equal((await sent).reply, row.reply);
  }
}

async function chargeOf({ charged, steps, reply }: Row): Promise<number> {
  if (typeof charged === 'number') return charged;
  const reasoning = steps.map((step) => ('nonReplyOutput' in step ? step.nonReplyOutput : ''));
  const output = await countTokens((reply ?? '') + reasoning.join(''));
  const besides = charged === COUNTED ? await countTokens(script(...steps)) : charged.besides;
  return output + besides;
}

/** The one message that a user has, with the shortfall of its charge. */
async function onlyMessage({ kysely }: OpenDatabase, userId: number) {
  const rows = await kysely
    .selectFrom('messages')
    .leftJoin('transfers', 'transfers.id', 'messages.id')
    .select(['status', 'reply', 'failure', 'shortfall', 'unpriced'])
    .where('messages.user_id', '=', userId)
    .execute();
  assert.equal(rows.length, 1);
  return rows[0] as (typeof rows)[number];
}
