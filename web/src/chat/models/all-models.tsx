import { strings } from '../../strings/strings.ts';
import { isPickerOpen } from './picker-open.ts';

/** Opens the choice of models. */
export function AllModels(props: { class: string | undefined }) {
  return (
    <button
      type="button"
      class={props.class}
      onClick={() => {
        isPickerOpen.value = true;
      }}
    >
      {strings.value.models.chooseAnother}
    </button>
  );
}
