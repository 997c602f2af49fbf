import { refund } from '../accounts/user-actions.ts';
import { bookedBy, STATEMENT_PAGE_SIZE, StatementTable } from '../credits/statement-table.tsx';
import type { PoolLine } from '../types.ts';
import { usePages, useReloadOn } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { isStaff } from './place.ts';

/** The statement of a pool, loaded anew when the balance has changed; staff can refund charges. */
export function PoolStatement(props: { address: string; balance: number; onRefund: () => void }) {
  const { address, balance, onRefund } = props;
  const pages = usePages<PoolLine>(`${address}history/?limit=${STATEMENT_PAGE_SIZE}`, 'results');
  useReloadOn(balance, pages);
  const refundLine = async (line: PoolLine) => {
    const username = line.user_name ?? words.value.deletedUser;
    if (await refund({ username }, line)) onRefund();
  };
  return (
    <StatementTable
      name={words.value.groupStatement}
      pages={pages}
      who={whoOf}
      hasRefunds={isStaff()}
      onRefund={(line) => void refundLine(line)}
    />
  );
}

function whoOf(line: PoolLine): string {
  if (line.user === null) return bookedBy(line);
  return words.value.groupUsedBy(line.user_name ?? words.value.deletedUser);
}
