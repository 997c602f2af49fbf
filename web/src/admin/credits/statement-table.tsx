/** Transfers as staff see them, of a user or of a pool, newest first. */
import { lineText } from '../../strings/line-text.ts';
import { number, signed, strings, time } from '../../strings/strings.ts';
import { usageText } from '../../strings/usage-text.ts';
import type { Line, PoolLine } from '../types.ts';
import { Loaded, LoadMore, type PagedResource } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** Few, so that what follows on the page is not far away. */
export const STATEMENT_PAGE_SIZE = 20;

interface StatementTableProps<L extends Line | PoolLine> {
  readonly name: string;
  readonly pages: PagedResource<L>;
  /** Who did it; empty for nobody in particular. */
  readonly who: (line: L) => string;
  /** Whether there is a column for refunds. */
  readonly hasRefunds: boolean;
  /** Refunds a charge, if the reader may. */
  readonly onRefund: ((line: L) => void) | undefined;
}

/** The statement as a section of its page. */
export function StatementTable<L extends Line | PoolLine>(props: StatementTableProps<L>) {
  const { name, pages, hasRefunds } = props;
  return (
    <section class="page-section">
      <h2>{name}</h2>
      <Loaded resource={pages} empty={words.value.noTransactions}>
        {(lines) => (
          <>
            <TableFrame name={name}>
              <table class="data statement-lines">
                <thead>
                  <tr>
                    <th class="spare">{strings.value.when}</th>
                    <th>{strings.value.what}</th>
                    <th class="number">{strings.value.amount}</th>
                    <th class="number">{strings.value.balance}</th>
                    {hasRefunds && (
                      <th class="row-actions">
                        <span class="offscreen">{words.value.refund}</span>
                      </th>
                    )}
                  </tr>
                </thead>
                <tbody>
                  {lines.map((it) => (
                    <tr key={it.id}>
                      <Transfer line={it} {...props} />
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
            <LoadMore pages={pages} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Transfer<L extends Line | PoolLine>({
  line,
  who,
  hasRefunds,
  onRefund,
}: StatementTableProps<L> & { readonly line: L }) {
  const when = time(line.timestamp);
  const by = who(line);
  const isRefundable = line.kind === 'charge' && line.amount < 0;
  return (
    <>
      <td class="spare">{when}</td>
      <td class="wide">
        <span>{lineText(line)}</span> {by !== '' && <span class="by">{by}</span>}
        <small class="usage-text">{usageText(line.usage)}</small>
        <span class="beneath">{when}</span>
      </td>
      <td class="number">{signed(line.amount)}</td>
      <td class="number">{number(line.balance_after)}</td>
      {hasRefunds && (
        <td class={isRefundable && line.refunded ? 'row-actions stays' : 'row-actions'}>
          {isRefundable && line.refunded && words.value.refunded}
          {isRefundable && !line.refunded && onRefund && (
            <button type="button" class="quiet" onClick={() => onRefund(line)}>
              {words.value.refund}
            </button>
          )}
        </td>
      )}
    </>
  );
}

/** Who booked it; empty if the program did. */
export function bookedBy({ actor, actor_name: name }: Line | PoolLine): string {
  return actor === 'system' ? '' : words.value.by(name ?? actor);
}
