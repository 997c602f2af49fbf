import { strings } from '../../strings/strings.ts';
import { canChangeBalance, refund } from '../accounts/user-actions.ts';
import type { AdminUser, Line } from '../types.ts';
import { usePages } from '../ui/resource.tsx';
import { bookedBy, STATEMENT_PAGE_SIZE, StatementTable } from './statement-table.tsx';

/** A user's transactions, newest first; charges can be refunded. */
export function Statement(props: { user: AdminUser; address: string; onRefund: () => void }) {
  const { user, address, onRefund } = props;
  const pages = usePages<Line>(`${address}history/?limit=${STATEMENT_PAGE_SIZE}`, 'results');
  const refundLine = async (line: Line) => {
    if (!(await refund(user, line))) return;
    pages.reload();
    onRefund();
  };
  return (
    <StatementTable
      name={strings.value.statement}
      pages={pages}
      who={bookedBy}
      hasRefunds
      onRefund={canChangeBalance(user) ? (line) => void refundLine(line) : undefined}
    />
  );
}
