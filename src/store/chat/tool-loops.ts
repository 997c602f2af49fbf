/** Messages with rounds: what their models asked of tools, and what those answered. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Rate } from '../../core/pricing.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import {
  type CallState,
  joinedTexts,
  type LoopState,
  type WrittenBlocks,
} from '../../core/tools.ts';
import type { Database } from '../database/schema.ts';
import type { ToolLoopRow } from '../database/tool-tables.ts';
import { callsOf, roundsOf, type StoredCall, type StoredRound, thoughtsOf } from './tool-rounds.ts';

/** A call as a model asks for it. */
export type AskedCall = Pick<
  StoredCall,
  'callId' | 'tool' | 'name' | 'arguments' | 'state' | 'result' | 'price'
>;

/** What is decided of a message with tools before it is sent. */
export interface NewLoop {
  readonly messageId: string;
  readonly conversationId: string;
  readonly userId: number;
  readonly leaseId: string;
  readonly model: string;
  readonly payer: string | undefined;
  readonly tools: readonly string[];
  readonly rounds: number;
  readonly mostCredits: number | undefined;
  readonly atMs: number;
  /** What its model wants back of the first round. */
  readonly written?: WrittenBlocks | undefined;
}

/** A message with rounds. */
export interface StoredLoop extends Omit<NewLoop, 'atMs' | 'written'> {
  readonly state: LoopState;
  readonly approveUntilMs: number | undefined;
  readonly isToStop: boolean;
  readonly roundsBegun: readonly StoredRound[];
  /** What its model thought in each round. */
  readonly thoughts: readonly string[];
  readonly calls: readonly StoredCall[];
}

/** How the reply of a message ends whose rounds are over. */
export interface LoopEnd {
  readonly failure: ReplyFailure | undefined;
  readonly atMs: number;
}

/** Reads and writes the rounds of messages. The ledger writes their texts and charges. */
export class ToolLoopStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Records the calls of the first round, before it is charged.
   * @throws an error of the database if the conversation was deleted
   */
  async begin(loop: NewLoop, calls: readonly AskedCall[]): Promise<void> {
    const { messageId } = loop;
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('tool_loops')
        .values({
          message_id: messageId,
          conversation_id: loop.conversationId,
          user_id: loop.userId,
          state: 'running',
          lease_id: loop.leaseId,
          model: loop.model,
          payer: loop.payer ?? null,
          tools: JSON.stringify(loop.tools),
          rounds: loop.rounds,
          most_credits: loop.mostCredits ?? null,
          approve_until: null,
          stop_requested_at: null,
          created_at: loop.atMs,
        })
        .execute();
      await transaction
        .insertInto('tool_rounds')
        .values({
          generation_id: messageId,
          message_id: messageId,
          number: 1,
          text_end: null,
          thinking_blocks: loop.written ? JSON.stringify(loop.written) : null,
        })
        .execute();
      await insertCalls(transaction, { messageId, round: 1, atMs: loop.atMs }, calls);
    });
  }

  /** Records the calls of a later round, before it is charged. */
  async addCalls(
    of: {
      readonly messageId: string;
      readonly round: number;
      readonly atMs: number;
      readonly written?: WrittenBlocks | undefined;
    },
    calls: readonly AskedCall[],
  ): Promise<void> {
    const { messageId, round, written } = of;
    if (!written) return insertCalls(this.#db, of, calls);
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('tool_rounds')
        .set({ thinking_blocks: JSON.stringify(written) })
        .where('message_id', '=', messageId)
        .where('number', '=', round)
        .execute();
      await insertCalls(transaction, of, calls);
    });
  }

  /**
   * Begins a round, which pays for the calls of the one before that may be made.
   * @returns false, with nothing changed, if it is to stop, or another server has ended it
   */
  beginRound(round: {
    readonly messageId: string;
    readonly number: number;
    readonly generationId: string;
    readonly leaseId: string;
  }): Promise<boolean> {
    const { messageId, number, generationId, leaseId } = round;
    return this.#db.transaction().execute(async (transaction) => {
      // The row is locked until the end, so that nobody ends it meanwhile.
      const { numUpdatedRows } = await transaction
        .updateTable('tool_loops')
        .set({ state: 'running' })
        .where('message_id', '=', messageId)
        .where('state', '=', 'running')
        .where('lease_id', '=', leaseId)
        .where('stop_requested_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await transaction
        .insertInto('tool_rounds')
        .values({ generation_id: generationId, message_id: messageId, number, text_end: null })
        .execute();
      await transaction
        .updateTable('tool_calls')
        .set({ paid_by: generationId })
        .where('message_id', '=', messageId)
        .where('round', '=', number - 1)
        .where('state', '=', 'asked')
        .execute();
      return true;
    });
  }

  /** Whether a server still runs it. */
  async isRunBy(messageId: string, leaseId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('tool_loops')
      .select('message_id')
      .where('message_id', '=', messageId)
      .where('state', '=', 'running')
      .where('lease_id', '=', leaseId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Records what became of a call. */
  async endCall(
    call: { readonly messageId: string; readonly round: number; readonly callId: string },
    end: { readonly state: CallState; readonly result: string; readonly atMs: number },
  ): Promise<void> {
    const { state, result, atMs } = end;
    await this.#db
      .updateTable('tool_calls')
      .set({ state, result, ended_at: atMs })
      .where('message_id', '=', call.messageId)
      .where('round', '=', call.round)
      .where('call_id', '=', call.callId)
      .where('state', '=', 'asked')
      .execute();
  }

  /**
   * Asks the user about the calls of a round.
   * @returns false if it is to stop, or another server has ended it
   */
  async waitForUser(of: {
    readonly messageId: string;
    readonly leaseId: string;
    readonly untilMs: number;
  }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('tool_loops')
      .set({ state: 'waiting', approve_until: of.untilMs })
      .where('message_id', '=', of.messageId)
      .where('state', '=', 'running')
      .where('lease_id', '=', of.leaseId)
      .where('stop_requested_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Records what a user decides of calls that wait for it.
   * @param decisions by the id of the call
   * @returns all calls, once none waits any more, so that the server of the lease has to go on;
   *   `waiting` while others wait; undefined if the message does not wait, or no longer
   */
  decide(
    of: {
      readonly userId: number;
      readonly messageId: string;
      readonly leaseId: string;
      readonly atMs: number;
    },
    decisions: Readonly<Record<string, 'allow' | 'deny'>>,
    denied: string,
  ): Promise<readonly StoredCall[] | 'waiting' | undefined> {
    const { userId, messageId, leaseId, atMs } = of;
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('tool_loops')
        .set({ state: 'waiting' })
        .where('message_id', '=', messageId)
        .where('user_id', '=', userId)
        .where('state', '=', 'waiting')
        .where('approve_until', '>', atMs)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return undefined;
      for (const [callId, decision] of Object.entries(decisions)) {
        const end =
          decision === 'allow'
            ? ({ state: 'asked' } as const)
            : ({ state: 'denied', result: denied, ended_at: atMs } as const);
        await transaction
          .updateTable('tool_calls')
          .set(end)
          .where('message_id', '=', messageId)
          .where('call_id', '=', callId)
          .where('state', '=', 'waiting')
          .execute();
      }
      const left = await transaction
        .selectFrom('tool_calls')
        .select('call_id')
        .where('message_id', '=', messageId)
        .where('state', '=', 'waiting')
        .limit(1)
        .executeTakeFirst();
      if (left) return 'waiting';
      await transaction
        .updateTable('tool_loops')
        .set({ state: 'running', lease_id: leaseId, approve_until: null })
        .where('message_id', '=', messageId)
        .execute();
      return (await callsOf(transaction, [messageId])).get(messageId) ?? [];
    });
  }

  /** Asks whoever runs it to stop. @returns whether it waited for its user: nobody runs it */
  async askToStop(userId: number, messageId: string, atMs: number): Promise<boolean> {
    const row = await this.#db
      .updateTable('tool_loops')
      .set({ stop_requested_at: sql`coalesce(stop_requested_at, ${atMs})` })
      .where('message_id', '=', messageId)
      .where('user_id', '=', userId)
      .where('state', '<>', 'ended')
      .returning('state')
      .executeTakeFirst();
    return row?.state === 'waiting';
  }

  /** A message with its rounds; undefined if it has none. */
  async find(messageId: string): Promise<StoredLoop | undefined> {
    const row = await this.#db
      .selectFrom('tool_loops')
      .selectAll()
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    if (!row) return undefined;
    const rounds = await roundsOf(this.#db, [messageId]);
    const calls = await callsOf(this.#db, [messageId]);
    return {
      ...toLoop(row),
      roundsBegun: rounds.get(messageId) ?? [],
      thoughts: await this.thoughtsOf(messageId),
      calls: calls.get(messageId) ?? [],
    };
  }

  /**
   * What the model thought in each round that has ended, empty if nothing; once all rounds have
   * ended, as one.
   */
  async thoughtsOf(messageId: string): Promise<string[]> {
    const rounds = await thoughtsOf(this.#db, messageId);
    const isJoined = typeof rounds[0]?.text_end === 'number';
    return (isJoined ? rounds.slice(0, 1) : rounds).map(({ thinking }) => thinking ?? '');
  }

  /** The prices of calls that were answered and that a generation pays for. */
  async answeredCalls(generationId: string): Promise<Rate[]> {
    const rows = await this.#db
      .selectFrom('tool_calls')
      .select('price')
      .where('paid_by', '=', generationId)
      .where('state', '=', 'done')
      .orderBy('number')
      .execute();
    return rows.map(({ price }) => JSON.parse(price) as Rate);
  }

  /**
   * Ends the rounds of a message, whose reply becomes the text of all of them, and its thinking
   * that of all of them.
   * @param from the states that they are in; others are left alone
   * @returns whether they were ended now
   */
  end(
    messageId: string,
    from: { readonly states: readonly LoopState[]; readonly leaseId?: string },
    { failure, atMs }: LoopEnd,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      let ending = transaction
        .updateTable('tool_loops')
        .set({ state: 'ended', approve_until: null })
        .where('message_id', '=', messageId)
        .where('state', 'in', from.states);
      if (from.leaseId !== undefined) ending = ending.where('lease_id', '=', from.leaseId);
      const { numUpdatedRows } = await ending.executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const rounds = (await roundsOf(transaction, [messageId])).get(messageId) ?? [];
      const reply = joinedTexts(rounds.map(({ text }) => text));
      for (const { generationId, textEnd } of rounds) {
        await transaction
          .updateTable('tool_rounds')
          .set({ text_end: textEnd, thinking_blocks: null })
          .where('generation_id', '=', generationId)
          .execute();
      }
      // One that failed in its first round was not charged, and stays so.
      await transaction
        .updateTable('messages')
        .set({ reply, failure: failure ?? null, ended_at: atMs })
        .set(await joinedThinking(transaction, messageId))
        .set({ status: failure ? 'incomplete' : 'complete' })
        .where('id', '=', messageId)
        .where('status', 'in', ['complete', 'incomplete'])
        .where('erased_at', 'is', null)
        .execute();
      // The index of searches may have the text of the first round alone.
      await sql`INSERT INTO search_queue (message_id) VALUES (${messageId})
        ON CONFLICT DO NOTHING`.execute(transaction);
      return true;
    });
  }

  /** Those that wait for a user who has not answered in time. */
  async unanswered(atMs: number, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('tool_loops')
      .select('message_id')
      .where('state', '=', 'waiting')
      .where((of) =>
        of.or([of('approve_until', '<=', atMs), of('stop_requested_at', 'is not', null)]),
      )
      .limit(limit)
      .execute();
    return rows.map((row) => row.message_id);
  }

  /** Those that a server ran which is gone, once all their holds have ended. */
  async abandoned(ownLeaseId: string, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('tool_loops as l')
      .leftJoin('leases', 'leases.id', 'l.lease_id')
      .select('l.message_id')
      .where('l.state', '=', 'running')
      .where('l.lease_id', '!=', ownLeaseId)
      .where('leases.id', 'is', null)
      .where(
        sql<boolean>`NOT EXISTS (SELECT 1 FROM tool_rounds r JOIN holds h ON h.id = r.generation_id
          WHERE r.message_id = l.message_id AND h.state = 'open')`,
      )
      .limit(limit)
      .execute();
    return rows.map((row) => row.message_id);
  }
}

async function insertCalls(
  db: Kysely<Database>,
  of: { readonly messageId: string; readonly round: number; readonly atMs: number },
  calls: readonly AskedCall[],
): Promise<void> {
  const { messageId, round, atMs } = of;
  await db
    .insertInto('tool_calls')
    .values(
      calls.map((call, number) => ({
        message_id: messageId,
        round,
        number,
        call_id: call.callId,
        tool: call.tool,
        name: call.name,
        arguments: call.arguments,
        state: call.state,
        result: call.result,
        price: JSON.stringify(call.price),
        paid_by: null,
        asked_at: atMs,
        ended_at: call.result === null ? null : atMs,
      })),
    )
    .execute();
}

/** What a model thought in all rounds of a message, as one; nothing to set if it did not. */
async function joinedThinking(db: Kysely<Database>, messageId: string) {
  const rounds = await thoughtsOf(db, messageId);
  const sumOf = (of: (round: (typeof rounds)[number]) => number | null) =>
    rounds.some((it) => of(it) !== null)
      ? rounds.reduce((sum, it) => sum + (of(it) ?? 0), 0)
      : null;
  return {
    thinking: joinedTexts(rounds.map((it) => it.thinking ?? '')) || null,
    thinking_ms: sumOf((it) => it.thinking_ms),
    thinking_tokens: sumOf((it) => it.thinking_tokens),
  };
}

function toLoop(row: Selectable<ToolLoopRow>) {
  return {
    messageId: row.message_id,
    conversationId: row.conversation_id,
    userId: row.user_id,
    leaseId: row.lease_id,
    model: row.model,
    payer: row.payer ?? undefined,
    tools: JSON.parse(row.tools) as string[],
    rounds: row.rounds,
    mostCredits: row.most_credits ?? undefined,
    state: row.state,
    approveUntilMs: row.approve_until ?? undefined,
    isToStop: row.stop_requested_at !== null,
  };
}
