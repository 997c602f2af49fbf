/**
 * Which accounts may pay for a request, in order: what an API key or the request names, else the
 * pools of the user's groups in the order of joining, then the personal account. Of these, those
 * that pay for the model.
 */
import { ChitError } from '../../core/errors.ts';
import { type PayingAccount, PERSONAL } from '../../core/paying-account.ts';
import type { Context } from '../context.ts';
import { permitsOf } from './models-for.ts';

/** Who asks, and for what. */
export interface Paying {
  readonly userId: number;
  /** As authentication has read them; see `Requester`. */
  readonly payers: readonly PayingAccount[] | undefined;
  /** The only account that shall pay: the id of a group, or `personal`. */
  readonly payer: string | undefined;
  /** The name of the model. */
  readonly model: string;
}

/** The accounts that may pay for a generation. */
export interface Payers {
  /** Undefined for the personal account, which is what a hold takes by itself. */
  readonly payers: readonly PayingAccount[] | undefined;
  /** Whether an account pays for a fallback; undefined if all pay for all. */
  readonly mayAnswer: ((payerId: number, model: string) => boolean) | undefined;
}

const PERSONAL_ONLY: Payers = { payers: undefined, mayAnswer: undefined };

/**
 * The accounts that may pay. Not a promise, and nothing is read, unless an account is named that
 * authentication has not seen.
 * @throws ChitError `payer_unknown` if the named one is none of the user's, `model_not_paid` if it
 *   does not pay for the model, `model_not_found` if none of all does
 */
export function payersFor(context: Context, paying: Paying): Payers | Promise<Payers> {
  const { userId, payers, payer } = paying;
  if (payers === undefined && (payer === undefined || payer === PERSONAL)) return PERSONAL_ONLY;
  const isKnown = payer === undefined || payers?.some((it) => isNamed(it, payer));
  if (isKnown) return chosen(context, paying, payers ?? []);
  // Somebody may just have joined.
  return context.requesters
    .payersOf(userId, context.now())
    .then((read) => chosen(context, paying, read ?? []));
}

function chosen(context: Context, paying: Paying, all: readonly PayingAccount[]): Payers {
  const { payer, model } = paying;
  const named = payer === undefined ? all : all.filter((it) => isNamed(it, payer));
  const [first] = named;
  if (!first) throw new ChitError('payer_unknown', undefined);
  const payers = named.filter((it) => permitsOf(context, it)(model));
  if (payers.length === 0) {
    if (payer === undefined) throw new ChitError('model_not_found', { model });
    throw new ChitError('model_not_paid', { model, group: first.groupName });
  }
  const isPersonal = payers.every(({ groupId }) => groupId === undefined);
  const isLimited = payers.some(({ modelLists }) => modelLists.length > 0);
  const mayAnswer = (payerId: number, name: string) => {
    const account = payers.find(({ accountId }) => accountId === payerId);
    return !account || permitsOf(context, account)(name);
  };
  return {
    payers: isPersonal ? undefined : payers,
    mayAnswer: isLimited ? mayAnswer : undefined,
  };
}

function isNamed({ groupId }: PayingAccount, payer: string): boolean {
  return (groupId ?? PERSONAL) === payer;
}
