/** Imports users with their groups and plans. */
import { randomInt } from 'node:crypto';
import { unmatchableHash } from '../../auth/passwords.ts';
import { ChitError } from '../../core/errors.ts';
import { placeKey } from '../../store/accounts/import-places.ts';
import type { Group } from '../../store/groups/groups.ts';
import { passwordLinkFor, setPasswordOf } from '../accounts/manage-users.ts';
import type { OneTimeLink } from '../accounts/one-time-links.ts';
import { openAccount } from '../accounts/register-user.ts';
import type { Context } from '../context.ts';
import { assignPlan } from '../credits/assign-plan.ts';
import { addMembers, createGroup } from '../groups/manage-groups.ts';
import { auditEntry, type Principal } from '../principal.ts';
import {
  type ImportPlan,
  type ImportRequest,
  isNothing,
  type PlannedRow,
  passwordsIn,
  planImport,
} from './plan-import.ts';

/** Rows at a time: enough for the ledger to book together, few enough to stop soon. */
const ROWS_AT_ONCE = 8;
/** Without letters and digits that look alike. */
const PASSWORD_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_GROUPS = 3;
const LETTERS_PER_GROUP = 4;

/** What was done for a row. A link or a password is told only now. */
export interface ImportedRow {
  readonly planned: PlannedRow;
  readonly userId: number;
  readonly link: OneTimeLink | undefined;
  readonly password: string | undefined;
}

/** What an import did. */
export interface ImportOutcome {
  readonly plan: ImportPlan;
  readonly done: readonly ImportedRow[];
  /** Where it stopped, and why; what comes before and is not in `done` stopped too. */
  readonly stopped: { readonly row: number; readonly error: unknown } | undefined;
}

/**
 * Does exactly what a dry run said, or stops. Run again, it does only what is missing.
 * @param request `expected` is the fingerprint of the plan that somebody has looked at
 * @throws ChitError `import_refused`, `import_changed`, with nothing done
 */
export async function runImport(
  context: Context,
  principal: Principal,
  request: ImportRequest & { readonly expected: string },
): Promise<ImportOutcome> {
  const { expected, ...asked } = request;
  const plan = await planImport(context, principal, asked);
  if (plan.faults.length > 0) {
    throw new ChitError('import_refused', { faults: plan.faults.length });
  }
  if (plan.fingerprint !== expected) throw new ChitError('import_changed', undefined);
  const passwords = await passwordsIn(request.csv, context);
  const run = new ImportRun(context, principal, { passwords, hasPools: request.hasPools });
  const outcome = await run.all(plan);
  await context.auditLog.add(
    auditEntry(principal, {
      action: 'user.import',
      target: 'site',
      after: {
        users: outcome.done.filter(({ planned }) => planned.userId === undefined).length,
        joined: sumOf(outcome.done.map(({ planned }) => planned.joins.length)),
        plans: outcome.done.filter(({ planned }) => planned.plan !== undefined).length,
        stopped_at: outcome.stopped?.row ?? null,
      },
    }),
  );
  return outcome;
}

/** One run of an import. */
class ImportRun {
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #passwords: ReadonlyMap<number, string>;
  readonly #hasPools: boolean;
  readonly #groups = new Map<string, Promise<Group>>();
  /** For accounts whose users choose a password by a link: nobody knows it, so one serves all. */
  #nobodysHash: Promise<string> | undefined;

  constructor(
    context: Context,
    principal: Principal,
    of: { readonly passwords: ReadonlyMap<number, string>; readonly hasPools: boolean },
  ) {
    this.#context = context;
    this.#principal = principal;
    this.#passwords = of.passwords;
    this.#hasPools = of.hasPools;
  }

  async all(plan: ImportPlan): Promise<ImportOutcome> {
    const rows = plan.rows.filter((it) => it.userId === undefined || !isNothing(it));
    const done: ImportedRow[] = [];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const some = rows.slice(from, from + ROWS_AT_ONCE);
      const results = await Promise.allSettled(some.map((it) => this.#row(it)));
      done.push(...results.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : [])));
      const failed = results.findIndex(({ status }) => status === 'rejected');
      if (failed < 0) continue;
      const { reason } = results[failed] as PromiseRejectedResult;
      return { plan, done, stopped: { row: some[failed]?.row ?? 0, error: reason } };
    }
    return { plan, done, stopped: undefined };
  }

  async #row(planned: PlannedRow): Promise<ImportedRow> {
    const { row, access, userId: existingId } = planned;
    const { policy } = this.#context;
    const password = access === 'password' ? newPassword(policy.passwordMinLength) : undefined;
    const userId = existingId ?? (await this.#open(planned, password ?? this.#passwords.get(row)));
    for (const name of planned.joins) {
      const { id } = await this.#group(name);
      const joining = { users: [{ id: userId }], isManager: false };
      await addMembers(this.#context, this.#principal, id, joining);
    }
    if (planned.plan) {
      const assignment = { accountIds: [userId], planId: planned.plan.id, from: 'now' as const };
      await assignPlan(this.#context, this.#principal, assignment);
    }
    if (existingId !== undefined && password !== undefined) {
      await setPasswordOf(this.#context, this.#principal, userId, password);
    }
    // Last, so that whoever has a link has the rest too.
    const link =
      access === 'link' ? await passwordLinkFor(this.#context, this.#principal, userId) : undefined;
    return { planned, userId, link, password };
  }

  async #open(
    { username, openingCredits, access }: PlannedRow,
    password: string | undefined,
  ): Promise<number> {
    if (access === 'link') this.#nobodysHash ??= unmatchableHash();
    const account = {
      username,
      password: password ?? '',
      openingCredits,
      isStaff: false,
      isSuperuser: false,
    };
    const { userId } = await openAccount(this.#context, account, {
      passwordHash: access === 'link' ? await this.#nobodysHash : undefined,
      audit: (id) =>
        auditEntry(this.#principal, {
          action: 'user.create',
          target: `user:${id}`,
          after: { is_staff: false, is_superuser: false, tokens: openingCredits },
        }),
    });
    return userId;
  }

  /** A group by its name; created once, however many rows name it. */
  #group(name: string): Promise<Group> {
    const key = placeKey(name);
    const group = this.#groups.get(key) ?? this.#foundOrCreated(name);
    this.#groups.set(key, group);
    return group;
  }

  async #foundOrCreated(name: string): Promise<Group> {
    const found = await this.#context.groups.byName(name);
    const wanted = { name, hasPool: this.#hasPools, models: undefined };
    return found ?? createGroup(this.#context, this.#principal, wanted);
  }
}

/** 59 random bits as people can read them to each other, or more if passwords must be longer. */
function newPassword(minLength: number): string {
  const groups: string[] = [];
  while (groups.length < PASSWORD_GROUPS || groups.join('-').length < minLength) {
    const letters = Array.from(
      { length: LETTERS_PER_GROUP },
      () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)],
    );
    groups.push(letters.join(''));
  }
  return groups.join('-');
}

function sumOf(all: readonly number[]): number {
  return all.reduce((a, b) => a + b, 0);
}
