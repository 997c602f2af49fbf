import { models } from '../../state/account.ts';
import {
  chooseOptions,
  comparedModel,
  compareWith,
  shownModel,
  shownOptions,
} from '../../state/model.ts';
import type { Effort } from '../../state/price.ts';
import { modelListText } from '../../strings/models/list.ts';
import { secondsText, strings } from '../../strings/strings.ts';

const USUAL_TEMPERATURE = 1;
/**
 * What can be set of the shown model for this chat, and a second model for the next message.
 * Folded, so that the models have the room.
 */
export function ModelSettings() {
  const { value: model } = shownModel;
  if (!model) return null;
  const hasAny = model.effort.length > 0 || model.temperature || models.value.length > 1;
  if (!hasAny) return null;
  return (
    <details class="model-settings">
      <summary>{modelListText.value.settings}</summary>
      {model.effort.length > 0 && <EffortChoice levels={model.effort.map(({ level }) => level)} />}
      {model.temperature && <TemperatureChoice />}
      {models.value.length > 1 && <SecondModel first={model.name} />}
    </details>
  );
}

function EffortChoice({ levels }: { levels: readonly NonNullable<Effort>[] }) {
  const { value: text } = modelListText;
  const { value: options } = shownOptions;
  const shown = options.effort !== null && levels.includes(options.effort) ? options.effort : null;
  return (
    <fieldset class="effort">
      <legend>{text.effort}</legend>
      {[null, ...levels].map((level) => (
        <label key={level}>
          <input
            type="radio"
            name="effort"
            checked={level === shown}
            onChange={() => void chooseOptions({ ...options, effort: level })}
          />
          <span>{level === null ? text.effortDefault : strings.value.models.efforts[level]}</span>
        </label>
      ))}
      <p class="hint">{text.effortCost}</p>
    </fieldset>
  );
}

function TemperatureChoice() {
  const { value: text } = modelListText;
  const { value: options } = shownOptions;
  const { temperature } = options;
  const set = (value: number | null) => void chooseOptions({ ...options, temperature: value });
  const words = temperature === null ? text.temperatureDefault : secondsText(temperature * 1_000);
  return (
    <div class="temperature">
      <label>
        <span>{`${text.temperature}: ${words}`}</span>
        <input
          type="range"
          min="0"
          max="2"
          step="0.1"
          value={temperature ?? USUAL_TEMPERATURE}
          aria-valuetext={words}
          onChange={(event) => set(Number(event.currentTarget.value))}
        />
      </label>
      {temperature !== null && (
        <button type="button" class="quiet" onClick={() => set(null)}>
          {text.temperatureDefault}
        </button>
      )}
      <p class="hint">{text.temperatureText}</p>
    </div>
  );
}

function SecondModel({ first }: { first: string }) {
  const { value: text } = modelListText;
  return (
    <div class="second-model">
      <label>
        <span>{text.compareWith}</span>
        <select
          value={comparedModel.value?.name ?? ''}
          onChange={(event) => compareWith(event.currentTarget.value || undefined)}
        >
          <option value="">{text.compareNone}</option>
          {models.value
            .filter(({ name }) => name !== first)
            .map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <p class="hint">{text.compareText}</p>
    </div>
  );
}
