import type { Strings } from '../../strings/en.ts';
import { number, signed, strings, time } from '../../strings/strings.ts';
import { usageText } from '../../strings/usage-text.ts';
import { canChangeBalance, refund } from '../accounts/user-actions.ts';
import type { AdminUser, Line } from '../types.ts';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** Few, so that what follows on the page is not far away. */
const PAGE_SIZE = 20;

/** A user's transactions, newest first; charges can be refunded. */
export function Statement(props: { user: AdminUser; address: string; onRefund: () => void }) {
  const { user, address, onRefund } = props;
  const pages = usePages<Line>(`${address}history/?limit=${PAGE_SIZE}`, 'results');
  const refundLine = async (line: Line) => {
    if (!(await refund(user, line))) return;
    pages.reload();
    onRefund();
  };
  return (
    <section class="page-section">
      <h2>{strings.value.statement}</h2>
      <Loaded resource={pages} empty={words.value.noTransactions}>
        {(lines) => (
          <>
            <TableFrame name={strings.value.statement}>
              <table class="data statement-lines">
                <thead>
                  <tr>
                    <th class="spare">{strings.value.when}</th>
                    <th>{strings.value.what}</th>
                    <th class="number">{strings.value.amount}</th>
                    <th class="number">{strings.value.balance}</th>
                    <th class="row-actions">
                      <span class="offscreen">{words.value.refund}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {lines.map((it) => (
                    <tr key={it.id}>
                      <Transaction
                        line={it}
                        onRefund={canChangeBalance(user) ? () => void refundLine(it) : undefined}
                      />
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

function Transaction({ line, onRefund }: { line: Line; onRefund: (() => void) | undefined }) {
  const by = line.actor === 'system' ? '' : (line.actor_name ?? line.actor);
  const when = time(line.timestamp);
  const isRefundable = line.kind === 'charge' && line.amount < 0;
  return (
    <>
      <td class="spare">{when}</td>
      <td class="wide">
        <span>{descriptionOf(line)}</span>{' '}
        {by !== '' && <span class="by">{words.value.by(by)}</span>}
        <small class="usage-text">{usageText(line.usage)}</small>
        <span class="beneath">{when}</span>
      </td>
      <td class="number">{signed(line.amount)}</td>
      <td class="number">{number(line.balance_after)}</td>
      <td class={isRefundable && line.refunded ? 'row-actions stays' : 'row-actions'}>
        {isRefundable && line.refunded && words.value.refunded}
        {isRefundable && !line.refunded && onRefund && (
          <button type="button" class="quiet" onClick={onRefund}>
            {words.value.refund}
          </button>
        )}
      </td>
    </>
  );
}

function descriptionOf({ kind, model, reason, reason_code: reasonCode }: Line): string {
  const name = strings.value.kinds[kind as keyof Strings['kinds']] ?? kind;
  const reasonText = reasonCode === 'opening_balance' ? strings.value.openingBalance : reason;
  return [name, model ?? reasonText].filter(Boolean).join(' · ');
}
