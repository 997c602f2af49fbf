import type { Message } from '../../api/types.ts';
import { balance, models } from '../../state/account.ts';
import { chooseModel, shownModel } from '../../state/model.ts';
import { offersInsteadOf } from '../../state/offers.ts';
import { regenerate } from '../../state/send-message.ts';
import { typicalText } from '../../strings/cost-text.ts';
import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { MenuButton } from '../../ui/menu.tsx';
import { focusComposer } from '../focus.ts';
import { AllModels } from './all-models.tsx';
import { isPickerOpen } from './picker-open.ts';

/** Models that the balance still pays for, where it is too low for the shown one. */
export function Offers() {
  const { value: shown } = shownModel;
  if (!shown) return null;
  return (
    <OfferList
      name={shown.name}
      onChoose={(name) => {
        void chooseModel(name);
        focusComposer();
      }}
    />
  );
}

/**
 * The models that could answer instead of one that did not, in a menu: each answers at once, or all
 * can be looked through.
 */
export function OtherModels({ message, isFirst }: { message: Message; isFirst: boolean }) {
  const { chooseAnother, allModels } = strings.value.models;
  const offers = offersInsteadOf(message.model, models.value, balance.value);
  const kind = isFirst ? 'primary' : undefined;
  if (offers.length === 0) return <AllModels class={kind} />;
  const items = offers.map((model) => ({
    label: model.name,
    description: typicalText(model),
    onSelect: () => {
      void chooseModel(model.name);
      void regenerate(message, model.name);
      focusComposer();
    },
  }));
  const openPicker = () => {
    isPickerOpen.value = true;
  };
  return (
    <MenuButton
      label={chooseAnother}
      class={kind ?? ''}
      groups={() => [{ items }, { items: [{ label: allModels, onSelect: openPicker }] }]}
    >
      {chooseAnother}
      <Icon name="down" />
    </MenuButton>
  );
}

function OfferList({ name, onChoose }: { name: string; onChoose: (name: string) => void }) {
  const offers = offersInsteadOf(name, models.value, balance.value);
  if (offers.length === 0) return null;
  return (
    <div class="offers">
      <span>{strings.value.models.useInstead}</span>
      {offers.map((model) => (
        <button key={model.name} type="button" onClick={() => onChoose(model.name)}>
          {`${model.name} · ${typicalText(model)}`}
        </button>
      ))}
    </div>
  );
}
