import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Booking } from '../api/types.ts';
import { PageFrame } from '../components/page-frame.tsx';
import { refreshBalance } from '../state/account.ts';
import { number, signed, strings, time } from '../strings/strings.ts';

interface Page {
  readonly results: Booking[];
  readonly next_cursor: string | null;
}

/** Every booking, newest first. */
export function StatementPage() {
  const text = strings.value;
  const [bookings, setBookings] = useState<readonly Booking[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const wanted = location.hash.slice(1);
  const load = async (after: string | null) => {
    const query = after === null ? '' : `?cursor=${after}`;
    const page = await call<Page>('GET', `/api/tokens/history/${query}`);
    setBookings((before) => [...(after === null ? [] : (before ?? [])), ...page.results]);
    setCursor(page.next_cursor);
  };
  useEffect(() => {
    void load(null).catch(() => setBookings([]));
    void refreshBalance().catch(() => undefined);
  }, []);
  return (
    <PageFrame title={text.statement}>
      {bookings?.length === 0 && <p class="empty">{text.noBookings}</p>}
      {bookings && bookings.length > 0 && (
        <div class="table-frame">
          <table class="statement">
            <thead>
              <tr>
                <th>{text.when}</th>
                <th>{text.what}</th>
                <th class="number">{text.amount}</th>
                <th class="number">{text.balance}</th>
              </tr>
            </thead>
            <tbody>
              {bookings.map((it) => (
                <tr
                  key={it.id}
                  class={it.message_id === wanted ? 'wanted' : undefined}
                  ref={it.message_id === wanted ? showRow : null}
                >
                  <td>{time(it.timestamp)}</td>
                  <td>
                    {[text.kinds[it.kind], it.model ?? it.reason].filter(Boolean).join(' · ')}
                  </td>
                  <td class="number">{signed(it.amount)}</td>
                  <td class="number">{number(it.balance_after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {cursor !== null && (
        <button type="button" onClick={() => void load(cursor).catch(() => undefined)}>
          {text.more}
        </button>
      )}
    </PageFrame>
  );
}

/** The booking that a link came for. */
function showRow(row: HTMLTableRowElement | null): void {
  row?.scrollIntoView({ block: 'center' });
}
