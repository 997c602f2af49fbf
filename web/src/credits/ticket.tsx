import { ownedBalance, refreshBalance } from '../state/account.ts';
import { limits } from '../state/limits.ts';
import { number, shortNumber, strings } from '../strings/strings.ts';
import { LimitsList } from './limits-list.tsx';

const POPOVER = 'limits';

/** Longer balances are written short where there is little room. */
const LONG = 1_000_000;

/** The balance, as a ticket with a perforated edge; it opens what it is made of. */
export function Ticket({ isLow = false }: { isLow?: boolean }) {
  const text = number(ownedBalance.value);
  const isLong = ownedBalance.value >= LONG;
  return (
    <>
      <button
        type="button"
        class={isLow ? 'ticket low' : 'ticket'}
        popovertarget={POPOVER}
        aria-label={strings.value.balanceLabel(text)}
      >
        <span class={isLong ? 'ticket-number long' : 'ticket-number'}>{text}</span>
        {isLong && <span class="ticket-short">{shortNumber(ownedBalance.value)}</span>}{' '}
        <span class="ticket-unit">{strings.value.tokenUnit(ownedBalance.value)}</span>
      </button>
      <LimitsPopover />
    </>
  );
}

/** Each account that may pay, and each limit. */
function LimitsPopover() {
  const text = strings.value;
  const onToggle = ({ newState }: { newState: string }) => {
    if (newState === 'open') void refreshBalance().catch(() => undefined);
  };
  return (
    <section id={POPOVER} class="limits-popover" popover="auto" onToggle={onToggle}>
      <h2 class="limits-title">{text.limits.title}</h2>
      {limits.value && (
        <LimitsList
          limits={limits.value}
          names={text.limits.kinds}
          personal={text.limits.personal}
          hasKeys={false}
        />
      )}
      <p class="limits-links">
        <a href="/statement">{text.statement}</a>
        <a href="/account#limit">{text.limits.toOwnLimit}</a>
      </p>
    </section>
  );
}
