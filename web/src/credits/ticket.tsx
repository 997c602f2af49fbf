import { balance } from '../state/account.ts';
import { number, strings } from '../strings/strings.ts';

/** The balance, as a ticket with a perforated edge; it links to the statement. */
export function Ticket({ isLow = false }: { isLow?: boolean }) {
  const text = number(balance.value);
  return (
    <a
      class={isLow ? 'ticket low' : 'ticket'}
      href="/statement"
      aria-label={strings.value.balanceLabel(text)}
    >
      <span class="ticket-number">{text}</span>{' '}
      <span class="ticket-unit">{strings.value.tokenUnit(balance.value)}</span>
    </a>
  );
}
