import type { StatementLine } from '../../store/credits/transfers.ts';
import type { Context } from '../context.ts';

const LINES_IF_NOT_SAID = 50;
const MOST_LINES = 200;

export interface StatementPage {
  readonly lines: StatementLine[];
  /** Where the next page begins; undefined if this is the last. */
  readonly nextCursor: string | undefined;
}

/**
 * A page of an account's bookings, newest first.
 * @param page as the client asked: digits, or nothing
 */
export async function readStatement(
  context: Context,
  accountId: number,
  page: { readonly cursor: string | undefined; readonly limit: string | undefined },
): Promise<StatementPage> {
  const beforeNumber = page.cursor === undefined ? undefined : Number(page.cursor);
  const asked = Number(page.limit ?? LINES_IF_NOT_SAID);
  const limit = Math.min(Math.max(asked, 1), MOST_LINES);
  // One more than asked for tells whether there is more.
  const found = await context.transfers.statement(accountId, { beforeNumber, limit: limit + 1 });
  const lines = found.slice(0, limit);
  const hasMore = found.length > limit;
  return { lines, nextCursor: hasMore ? String(lines.at(-1)?.number) : undefined };
}
