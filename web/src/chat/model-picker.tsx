import { models } from '../state/account.ts';
import { priceText } from '../strings/price-text.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';

/**
 * The choice of model, with prices. It is a native select; an overlay shows the name and the price
 * apart, which a select cannot.
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
