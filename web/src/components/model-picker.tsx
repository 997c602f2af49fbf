import { models } from '../state/account.ts';
import { priceText } from '../state/price.ts';
import { strings } from '../strings/strings.ts';

/** Which model answers, each with its price. */
export function ModelPicker(props: { name: string; onChange: (name: string) => void }) {
  const { name, onChange } = props;
  return (
    <label class="model-picker">
      <span class="offscreen">{strings.value.model}</span>
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
