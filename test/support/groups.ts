/** A server with groups on it, and people who are in them. */
import assert from 'node:assert/strict';
import { newId } from '../../src/app/ids.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { AdminServer, type Json } from './admin.ts';
import { faultsOf } from './chit.ts';
import type { Answer } from './http.ts';

export type Person = Awaited<ReturnType<AdminServer['person']>>;

/** A group with its pool, who manages it and who else is in it. */
export interface MadeGroup {
  readonly id: string;
  readonly account: number;
  readonly manager: Person;
  readonly people: readonly Person[];
}

/** The body of an answer that is no refusal. */
export async function done(answer: Promise<Answer>): Promise<Json> {
  const { status, text, json } = await answer;
  assert.ok(status < 300, `${status} ${text}`);
  return json;
}

/** Asserts how a request is refused. */
export async function refused(
  answer: Promise<Answer>,
  status: number,
  code: string,
): Promise<Answer> {
  const refusal = await answer;
  assert.equal(refusal.status, status, refusal.text);
  assert.equal(refusal.headers['chit-error'], code);
  return refusal;
}

/** Makes groups, and asks about them. */
export class GroupSite {
  readonly admin: AdminServer;
  #groups = 0;

  private constructor(admin: AdminServer) {
    this.admin = admin;
  }

  static async start(databaseUrl: string): Promise<GroupSite> {
    const settings = { CHIT_SIGNUP_TOKENS: '0', CHIT_DATABASE_URL: databaseUrl };
    return new GroupSite(await AdminServer.start(settings));
  }

  /** Stops the server; every balance must be what its entries say. */
  async close(): Promise<void> {
    assert.deepEqual(await faultsOf(this.admin.chit), []);
    await this.admin.server.close();
  }

  asStaff(method: string, path: string, body?: object): Promise<Answer> {
    return this.admin.ask(this.admin.staff, method, path, body);
  }

  /** A group with a manager and members, and so much in its pool. */
  async makeGroup(tokens: number, members = 2): Promise<MadeGroup> {
    this.#groups += 1;
    const { admin } = this;
    const name = `Class ${this.#groups}`;
    const { group } = await done(this.asStaff('POST', '/api/admin/groups/', { name }));
    const { id, account } = group;
    const manager = await admin.person();
    const people: Person[] = [];
    for (let nth = 0; nth < members; nth += 1) people.push(await admin.person());
    const path = `/api/admin/groups/${id}/`;
    const managers = { users: [{ id: manager.id }], is_manager: true };
    await done(this.asStaff('POST', `${path}members/`, managers));
    const users = people.map(({ username }) => ({ username }));
    await done(this.asStaff('POST', `${path}members/`, { users }));
    if (tokens > 0) {
      await done(this.asStaff('POST', `${path}grant/`, { tokens, reason: 'a new term' }));
    }
    return { id, account, manager, people };
  }

  async poolOf(id: string): Promise<number> {
    return (await done(this.asStaff('GET', `/api/admin/groups/${id}/`))).group.pool.tokens;
  }

  /** A message that the pool pays for, 100 tokens a message. */
  async spend({ id, account }: Pick<MadeGroup, 'id' | 'account'>, user: Person) {
    const { context } = this.admin.chit;
    const about = { generationId: newId(), accountId: user.id };
    const held = await context.ledger.submit({
      kind: 'hold',
      ...about,
      payers: [{ accountId: account, groupId: id }],
      mostCredits: 100,
      leastCredits: 100,
      leaseId: context.lease.id,
      model: 'demo',
      price: flatPrice(100),
      inputTokens: 1,
      content: 'hello',
      idempotency: undefined,
      atMs: Date.now(),
    });
    if (held.outcome !== 'held') return held;
    return context.ledger.submit({
      kind: 'settle',
      ...about,
      payerId: account,
      costCredits: 100,
      usage: { counts: {} },
      usageSource: 'flat',
      reply: 'hi',
      status: 'complete',
      failure: undefined,
      atMs: Date.now(),
    });
  }
}
