import { useEffect, useRef } from 'preact/hooks';
import { models } from '../state/account.ts';
import { comparedModel, shownOptions } from '../state/model.ts';
import { typicalText } from '../strings/cost-text.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { isPickerOpen } from './models/picker-open.ts';
import { useLoaded } from './models/use-loaded.ts';

/** The model with what a message to it usually costs; it opens the choice of models. */
export function ModelPicker(props: { name: string; onChange: (name: string) => void }) {
  const { name, onChange } = props;
  const { models: text } = strings.value;
  const button = useRef<HTMLButtonElement>(null);
  const { value: isOpen } = isPickerOpen;
  const setOpen = (value: boolean) => {
    isPickerOpen.value = value;
  };
  useEffect(() => () => setOpen(false), []);
  const loaded = useLoaded(() => import('./models/model-list.tsx'), isOpen);
  const chosen = models.value.find((it) => it.name === name);
  const { effort } = shownOptions.value;
  const hasEffort = effort !== null && chosen?.effort.some(({ level }) => level === effort);
  const second = comparedModel.value?.name;
  const first = [name, ...(hasEffort ? [text.efforts[effort]] : [])].join(' · ');
  const shown = second === undefined ? first : `${first} + ${second}`;
  return (
    <>
      <button
        ref={button}
        type="button"
        class="quiet model-picker"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="offscreen">{text.modelLabel}</span>
        <span class="model-name">{shown}</span>
        {/* What two models cost together stands in the composer. */}
        {chosen && second === undefined && <span class="model-price">{typicalText(chosen)}</span>}
        <Icon name="down" />
      </button>
      {isOpen && loaded && button.current && (
        <loaded.ModelList
          anchor={button.current}
          name={name}
          onChange={onChange}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
