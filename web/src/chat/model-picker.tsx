import { models } from '../state/account.ts';
import { priceText } from '../strings/price-text.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';

/**
 * Which model answers, each with its price. The browser's own list is what is used; over it lies
 * what it cannot show, the price apart from the name.
 */
export function ModelPicker(props: { name: string; onChange: (name: string) => void }) {
  const { name, onChange } = props;
  const chosen = models.value.find((it) => it.name === name);
  return (
    <label class="model-picker">
      <span class="offscreen">{strings.value.model}</span>
      <span class="model-shown" aria-hidden="true">
        <span class="model-name">{name}</span>
        {chosen && <span class="model-price">{priceText(chosen)}</span>}
      </span>
      <Icon name="down" />
      <select value={name} onChange={(event) => onChange(event.currentTarget.value)}>
        {models.value.map((it) => (
          <option key={it.name} value={it.name}>
            {`${it.name} · ${priceText(it)}`}
          </option>
        ))}
      </select>
    </label>
  );
}
