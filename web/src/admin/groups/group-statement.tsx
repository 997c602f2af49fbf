/** The transfers of a pool, newest first; staff can refund charges. */
import type { Strings } from '../../strings/en.ts';
import { number, signed, strings, time } from '../../strings/strings.ts';
import { usageText } from '../../strings/usage-text.ts';
import { refund } from '../accounts/user-actions.ts';
import type { PoolLine } from '../types.ts';
import { Loaded, LoadMore, usePages, useReloadOn } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import { isStaff } from './place.ts';

/** Few, so that what follows on the page is not far away. */
const PAGE_SIZE = 20;

/** The statement, loaded anew when the balance has changed. */
export function PoolStatement(props: { address: string; balance: number; onRefund: () => void }) {
  const { address, balance, onRefund } = props;
  const pages = usePages<PoolLine>(`${address}history/?limit=${PAGE_SIZE}`, 'results');
  useReloadOn(balance, pages);
  const refundLine = async (line: PoolLine) => {
    const username = line.user_name ?? words.value.deletedUser;
    if (await refund({ username }, line)) onRefund();
  };
  return (
    <section class="page-section">
      <h2>{words.value.groupStatement}</h2>
      <Loaded resource={pages} empty={words.value.noTransactions}>
        {(lines) => (
          <>
            <TableFrame name={words.value.groupStatement}>
              <table class="data statement-lines">
                <thead>
                  <tr>
                    <th class="spare">{strings.value.when}</th>
                    <th>{strings.value.what}</th>
                    <th class="number">{strings.value.amount}</th>
                    <th class="number">{strings.value.balance}</th>
                    {isStaff() && (
                      <th class="row-actions">
                        <span class="offscreen">{words.value.refund}</span>
                      </th>
                    )}
                  </tr>
                </thead>
                <tbody>
                  {lines.map((it) => (
                    <tr key={it.id}>
                      <Transfer line={it} onRefund={() => void refundLine(it)} />
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

function Transfer({ line, onRefund }: { line: PoolLine; onRefund: () => void }) {
  const when = time(line.timestamp);
  const isRefundable = line.kind === 'charge' && line.amount < 0;
  return (
    <>
      <td class="spare">{when}</td>
      <td class="wide">
        <span>{descriptionOf(line)}</span> <span class="by">{whoOf(line)}</span>
        <small class="usage-text">{usageText(line.usage)}</small>
        <span class="beneath">{when}</span>
      </td>
      <td class="number">{signed(line.amount)}</td>
      <td class="number">{number(line.balance_after)}</td>
      {isStaff() && (
        <td class={isRefundable && line.refunded ? 'row-actions stays' : 'row-actions'}>
          {isRefundable && line.refunded && words.value.refunded}
          {isRefundable && !line.refunded && (
            <button type="button" class="quiet" onClick={onRefund}>
              {words.value.refund}
            </button>
          )}
        </td>
      )}
    </>
  );
}

function whoOf(line: PoolLine): string {
  if (line.user !== null) {
    return words.value.groupUsedBy(line.user_name ?? words.value.deletedUser);
  }
  return line.actor === 'system' ? '' : words.value.by(line.actor_name ?? line.actor);
}

function descriptionOf({ kind, model, reason }: PoolLine): string {
  const name = strings.value.kinds[kind as keyof Strings['kinds']] ?? kind;
  return [name, model ?? reason].filter(Boolean).join(' · ');
}
