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
  page: { readonly cursor: string | undefined; readonly limit: string | undefined },
): Promise<StatementPage> {
  if (page.cursor === undefined) await renewIfDue(context, accountId);
  const beforeNumber = page.cursor === undefined ? undefined : Number(page.cursor);
  const limit = Math.min(Math.max(Number(page.limit ?? DEFAULT_PAGE), 1), MAX_PAGE);
  const found = await context.transfers.statement(accountId, {
    beforeNumber,
    limit: rowsForPage(limit),
  });
  const { items, last } = pageOf(found, limit);
  return { lines: items, nextCursor: last && String(last.number) };
}
