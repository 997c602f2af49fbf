import { automaticPayer, choosePayer, chosenPayer, payer, payers } from '../state/limits.ts';
import { number, strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';

/** Who pays for the next message, where more than one account can. */
export function PayerPicker() {
  const { value: accounts } = payers;
  const { value: paying } = payer;
  if (accounts.length < 2 || !paying) return null;
  const text = strings.value.limits;
  const nameOf = ({ name }: { name: string | null }) => name ?? text.personal;
  const { value: first } = automaticPayer;
  return (
    <label class="payer-picker">
      <span class="offscreen">{text.whoPays}</span>
      <span class="payer-shown" aria-hidden="true">
        {paying.name === null ? text.youPay : text.paidBy(paying.name)}
      </span>
      <Icon name="down" />
      <select
        value={chosenPayer.value?.id ?? ''}
        onChange={(event) => choosePayer(event.currentTarget.value)}
      >
        <option value="">{text.automatic(first ? nameOf(first) : '')}</option>
        {accounts.map((it) => (
          <option key={it.id} value={it.id}>
            {`${nameOf(it)} · ${text.left(number(it.tokens))}`}
          </option>
        ))}
      </select>
    </label>
  );
}
