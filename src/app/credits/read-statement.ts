import { ChitError } from '../../core/errors.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { StatementLine } from '../../store/credits/transfers.ts';
import type { Context } from '../context.ts';
import { renewIfDue } from './renewals.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

export interface StatementPage {
  readonly lines: readonly StatementLine[];
  /** Where the next page begins; undefined on the last page. */
  readonly nextCursor: string | undefined;
}

/**
 * A page of an account's transfers, newest first. It is renewed first if that is due.
 * @param page the query as the client sent it: digits or nothing
 */
export async function readStatement(
  context: Context,
  accountId: number,
  page: PageQuery,
): Promise<StatementPage> {
  if (page.cursor === undefined) await renewIfDue(context, accountId);
  const { beforeNumber, limit } = pageIn(page);
  const found = await context.transfers.statement(accountId, {
    beforeNumber,
    limit: rowsForPage(limit),
  });
  const { items, last } = pageOf(found, limit);
  return { lines: items, nextCursor: last && String(last.number) };
}

/**
 * A page of what the pool of a group has paid for a user, newest first, also after the user has
 * left. A page looks at a limited number of the pool's transfers, so it may show few of them or
 * none and yet not be the last.
 * @throws ChitError `payer_unknown` if there is no such group, or it has no pool
 */
export async function readGroupStatement(
  context: Context,
  { userId, groupId }: { readonly userId: number; readonly groupId: string },
  page: PageQuery,
): Promise<StatementPage> {
  const poolId = await context.limits.poolOf(groupId);
  if (poolId === undefined) throw new ChitError('payer_unknown', undefined);
  const { lines, nextNumber } = await context.transfers.useOf(poolId, userId, pageIn(page));
  return { lines, nextCursor: nextNumber === undefined ? undefined : String(nextNumber) };
}

/** The conversations of a user that lines of a statement are about, by the message's id. */
export function conversationsIn(
  context: Context,
  userId: number,
  lines: readonly StatementLine[],
): Promise<ReadonlyMap<string, { readonly id: string; readonly title: string }>> {
  const messageIds = lines.flatMap(({ messageId }) => messageId ?? []);
  return context.transfers.conversationsOf(userId, messageIds);
}

/** As the client sent it: digits or nothing. */
interface PageQuery {
  readonly cursor: string | undefined;
  readonly limit: string | undefined;
}

function pageIn({ cursor, limit }: PageQuery) {
  return {
    beforeNumber: cursor === undefined ? undefined : Number(cursor),
    limit: Math.min(Math.max(Number(limit ?? DEFAULT_PAGE), 1), MAX_PAGE),
  };
}
