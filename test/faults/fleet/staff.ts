/** Staff who grant and refund, over HTTP and with the command line, until they know. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { refundable } from './book.ts';
import type { AnyUrl } from './clients.ts';
import { exchange, type Received } from './exchange.ts';
import { bearer } from './kinds.ts';
import type { StaffAction } from './records.ts';
import { pick } from './scripts.ts';
import { runCommand } from './servers.ts';

export interface Office {
  readonly anyUrl: AnyUrl;
  readonly random: () => number;
  /** An access token of a superuser. */
  readonly access: string;
  /** The users of the clients. */
  readonly users: readonly { readonly userId: number; readonly username: string }[];
  /** Where the command line is run, and with which settings. */
  readonly folder: string;
  readonly settings: Record<string, string>;
  readonly database: OpenDatabase;
  readonly actions: StaffAction[];
  /** Charges that were refunded, or may have been. */
  readonly refunded: Set<string>;
  /** How many actions were tried with the command line, and how many of those were killed. */
  commands: number;
}

const CREDITS = 7;
const PAUSE_MS = 120;
const CLI_SHARE = 0.06;

/** Grants and refunds until the round is over. */
export async function workUntilOver(office: Office, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const action = await nextAction(office);
    office.actions.push(action);
    await tryOnce(office, action, true);
    if (action.told === 'unknown' && office.random() < 0.5) await tryOnce(office, action, true);
    await sleep(PAUSE_MS);
  }
}

/** Tries again whatever is unknown; the servers have to be well. */
export async function finish(office: Office, endMs: number): Promise<void> {
  for (const action of office.actions) {
    while (action.told === 'unknown' && Date.now() < endMs) {
      await tryOnce(office, action, false);
      if (action.told === 'unknown') await sleep(PAUSE_MS);
    }
  }
}

async function nextAction(office: Office): Promise<StaffAction> {
  const { random, database, refunded } = office;
  const via = random() < CLI_SHARE ? 'cli' : 'http';
  const charge =
    random() < 0.5
      ? await refundable(database, 50).then(
          (list) => list.find(({ id }) => !refunded.has(id)),
          // The database is away as well for whoever only looks.
          () => undefined,
        )
      : undefined;
  if (charge) refunded.add(charge.id);
  const user = pick(random, office.users);
  return {
    kind: charge ? 'refund' : 'grant',
    via,
    ...user,
    reason: randomUUID(),
    chargeId: charge?.id,
    told: 'unknown',
    tries: 0,
  };
}

async function tryOnce(office: Office, action: StaffAction, mayBeKilled: boolean): Promise<void> {
  const isFirst = action.tries === 0;
  action.tries += 1;
  const told =
    action.via === 'cli' ? await command(office, action, mayBeKilled) : await post(office, action);
  const isBookedBefore = told === 'refused' && action.kind === 'refund' && !isFirst;
  // After a try of unknown outcome, only that it is booked is certain.
  if (isFirst || told === 'booked') action.told = told;
  else if (isBookedBefore) action.told = 'booked';
}

async function post(office: Office, action: StaffAction): Promise<StaffAction['told']> {
  const { kind, userId, reason, chargeId } = action;
  const headers = { ...bearer(office.access), 'idempotency-key': reason };
  const body =
    kind === 'grant'
      ? { to: [{ id: userId, tokens: CREDITS }], reason }
      : { charge: chargeId, reason };
  const asked = { headers, body };
  return toldBy(await exchange(`${office.anyUrl()}/api/admin/${kind}s/`, asked));
}

function toldBy({ status, headers, isWhole }: Received): StaffAction['told'] {
  if (!isWhole) return 'unknown';
  if (status === 200) return 'booked';
  if (status < 500) return 'refused';
  const params = JSON.parse(String(headers['chit-error-params'] ?? '{}')) as object;
  const isKnown = 'is_outcome_unknown' in params && params.is_outcome_unknown === false;
  return isKnown ? 'not booked' : 'unknown';
}

async function command(
  office: Office,
  action: StaffAction,
  mayBeKilled: boolean,
): Promise<StaffAction['told']> {
  const { kind, username, reason, chargeId } = action;
  const { folder, settings, random } = office;
  office.commands += 1;
  const args =
    kind === 'grant'
      ? ['grant', username, String(CREDITS), '--reason', reason, '--idempotency-key', reason]
      : ['refund', chargeId ?? '', '--reason', reason];
  const killAfterMs = mayBeKilled && random() < 0.5 ? random() * 1_000 : undefined;
  const { code, stderr } = await runCommand(folder, settings, args, killAfterMs);
  if (code === 0) return 'booked';
  return stderr.includes('already refunded') ? 'refused' : 'unknown';
}
