import { number, signed, time } from '../strings/strings.ts';
import { ListState, More, useList } from './list.tsx';
import { TableFrame } from './tables.tsx';
import type { AdminUser, Line } from './types.ts';
import { mayBookFor, refund } from './user-deeds.ts';
import { words } from './words.ts';

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
      <h2>{words.statement}</h2>
      <ListState list={list} empty={words.noBookings}>
        <TableFrame name={words.statement}>
          <table class="data">
            <thead>
              <tr>
                <th class="spare">{words.when}</th>
                <th>{words.what}</th>
                <th class="number">{words.amount}</th>
                <th class="number">{words.balance}</th>
                <th class="row-actions">
                  <span class="offscreen">{words.refund}</span>
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
        <span>{whatOf(line)}</span> {by !== '' && <span class="by">{words.by(by)}</span>}
        <span class="beneath">{when}</span>
      </td>
      <td class="number">{signed(line.amount)}</td>
      <td class="number">{number(line.balance_after)}</td>
      <td class={isRefundable && line.refunded ? 'row-actions stays' : 'row-actions'}>
        {isRefundable && line.refunded && words.refunded}
        {isRefundable && !line.refunded && onRefund && (
          <button type="button" class="quiet" onClick={onRefund}>
            {words.refund}
          </button>
        )}
      </td>
    </>
  );
}

function whatOf({ kind, model, reason }: Line): string {
  const name = words.kinds[kind as keyof typeof words.kinds] ?? kind;
  return [name, model ?? reason].filter(Boolean).join(' · ');
}
