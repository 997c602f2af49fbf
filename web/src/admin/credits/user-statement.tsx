import { number, signed, time } from '../../strings/strings.ts';
import { mayBookFor, refund } from '../accounts/user-actions.ts';
import type { AdminUser, Line } from '../types.ts';
import { ListState, More, useList } from '../ui/list.tsx';
import { TableFrame } from '../ui/tables.tsx';
import type { Words } from '../words/en.ts';
import { saidHere, words } from '../words/words.ts';

/** So few that what stands below is not far; more come when they are asked for. */
const LINES = 20;

/** What was booked for a user, newest first; charges can be given back. */
export function Statement(props: { user: AdminUser; where: string; onRefund: () => void }) {
  const { user, where, onRefund } = props;
  const list = useList<Line>(`${where}history/?limit=${LINES}`, 'results');
  const giveBack = async (line: Line) => {
    if (!(await refund(user, line))) return;
    list.reload();
    onRefund();
  };
  return (
    <section class="place-section">
      <h2>{words.value.statement}</h2>
      <ListState list={list} empty={words.value.noBookings}>
        <TableFrame name={words.value.statement}>
          <table class="data">
            <thead>
              <tr>
                <th class="spare">{words.value.when}</th>
                <th>{words.value.what}</th>
                <th class="number">{words.value.amount}</th>
                <th class="number">{words.value.balance}</th>
                <th class="row-actions">
                  <span class="offscreen">{words.value.refund}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items?.map((it) => (
                <tr key={it.id}>
                  <Booking
                    line={it}
                    onRefund={mayBookFor(user) ? () => void giveBack(it) : undefined}
                  />
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
        <More list={list} />
      </ListState>
    </section>
  );
}

function Booking({ line, onRefund }: { line: Line; onRefund: (() => void) | undefined }) {
  const by = line.actor === 'system' ? '' : (line.actor_name ?? line.actor);
  const when = time(line.timestamp);
  const isRefundable = line.kind === 'charge' && line.amount < 0;
  return (
    <>
      <td class="spare">{when}</td>
      <td class="wide">
        <span>{whatOf(line)}</span> {by !== '' && <span class="by">{words.value.by(by)}</span>}
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

function whatOf({ kind, model, reason }: Line): string {
  const name = words.value.kinds[kind as keyof Words['kinds']] ?? kind;
  return [name, model ?? (reason && saidHere(reason))].filter(Boolean).join(' · ');
}
