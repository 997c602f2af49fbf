import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Booking } from '../api/types.ts';
import { refreshBalance } from '../state/account.ts';
import { limits } from '../state/limits.ts';
import { query, setQuery } from '../state/router.ts';
import { lineText } from '../strings/line-text.ts';
import { dayAndClock, number, signed, strings } from '../strings/strings.ts';
import { usageText } from '../strings/usage-text.ts';
import { PageFrame } from '../ui/page-frame.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import { PlanLine } from './plan-line.tsx';

const PAGE = 50;
/** How far back a line is searched: pages of the server's maximum size, and how many. */
const SEARCHED_PAGE = 200;
const SEARCHED_PAGES = 25;

interface Page {
  readonly results: Booking[];
  readonly next_cursor: string | null;
}

/** The ledger's entries for the user, newest first. */
export function StatementPage() {
  const text = strings.value;
  const account = query.value.get('account') ?? '';
  const { bookings, cursor, isMissing, fault, more, wanted } = useBookings(account);
  return (
    <PageFrame title={text.statement}>
      <PlanLine />
      <AccountChoice account={account} />
      {isMissing && <p class="notice">{text.lineNotFound}</p>}
      {bookings?.length === 0 && <p class="empty">{text.noBookings}</p>}
      {bookings && bookings.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls can be scrolled by keys.
        <div class="table-frame" tabIndex={0}>
          <table class="statement">
            <thead>
              <tr>
                <th>{text.when}</th>
                <th>{text.what}</th>
                <th class="number">
                  {text.amount}
                  <span class="after">{text.balance}</span>
                </th>
                <th class="number">{text.balance}</th>
              </tr>
            </thead>
            <tbody>
              {bookings.map((it) => (
                <Line key={it.id} booking={it} isWanted={it.message_id === wanted} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Fault words={fault} />
      {cursor !== null && (
        <button type="button" onClick={more}>
          {text.more}
        </button>
      )}
    </PageFrame>
  );
}

/** Loads the newest entries, or as far back as the one that a link points to. */
function useBookings(account: string) {
  const [bookings, setBookings] = useState<readonly Booking[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  const { fault, attempt } = useAttempt();
  const wanted = location.hash.slice(1);
  const begin = async () => {
    const isFor = ({ message_id: id }: Booking) => id === wanted;
    let page = await pageAfter(account, null, wanted === '' ? PAGE : SEARCHED_PAGE);
    const found = [...page.results];
    const seeks = () => wanted !== '' && !found.some(isFor) && page.next_cursor !== null;
    for (let pages = 1; seeks() && pages < SEARCHED_PAGES; pages += 1) {
      page = await pageAfter(account, page.next_cursor, SEARCHED_PAGE);
      found.push(...page.results);
    }
    setMissing(wanted !== '' && !found.some(isFor));
    setBookings(found);
    setCursor(page.next_cursor);
  };
  const goOn = async () => {
    const page = await pageAfter(account, cursor, PAGE);
    setBookings((before) => [...(before ?? []), ...page.results]);
    setCursor(page.next_cursor);
  };
  useEffect(() => {
    void attempt(begin);
    void refreshBalance().catch(() => undefined);
  }, [account]);
  return { bookings, cursor, isMissing, fault, wanted, more: () => void attempt(goOn) };
}

function pageAfter(account: string, cursor: string | null, limit: number): Promise<Page> {
  const wanted = new URLSearchParams({ limit: String(limit) });
  if (account !== '') wanted.set('account', account);
  if (cursor !== null) wanted.set('cursor', cursor);
  return call<Page>('GET', `/api/tokens/history/?${wanted}`);
}

/** The user's own account, or what a group has paid for the user. */
function AccountChoice({ account }: { account: string }) {
  const { limits: text } = strings.value;
  const groups = limits.value?.accounts.filter(({ name }) => name !== null) ?? [];
  if (groups.length === 0) return null;
  return (
    <select
      aria-label={text.whoPaid}
      value={account}
      onChange={(event) => setQuery({ account: event.currentTarget.value })}
    >
      <option value="">{text.personal}</option>
      {groups.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Line({ booking, isWanted }: { booking: Booking; isWanted: boolean }) {
  const { amount, timestamp, balance_after: after, conversation: chat } = booking;
  const [day, clock] = dayAndClock(timestamp);
  return (
    <tr class={isWanted ? 'wanted' : undefined} ref={isWanted ? showRow : null}>
      <td class="moment">
        <span>{day}</span> <span>{clock}</span>
      </td>
      <td>
        {lineText(booking)}
        {chat && (
          <a class="booked-chat" href={`/c/${chat.id}`}>
            {chat.title === '' ? strings.value.untitled : chat.title}
          </a>
        )}
        <small>{usageText(booking.usage)}</small>
      </td>
      <td class="number">
        {signed(amount)}
        <span class="after">{number(after)}</span>
      </td>
      <td class="number">{number(after)}</td>
    </tr>
  );
}

/** Scrolls to the entry that a link points to. */
function showRow(row: HTMLTableRowElement | null): void {
  row?.scrollIntoView({ block: 'center' });
}
