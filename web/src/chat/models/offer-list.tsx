import type { Message } from '../../api/types.ts';
import { balance, models } from '../../state/account.ts';
import { chooseModel, shownModel } from '../../state/model.ts';
import { offersInsteadOf } from '../../state/offers.ts';
import { regenerate } from '../../state/send-message.ts';
import { typicalText } from '../../strings/cost-text.ts';
import { strings } from '../../strings/strings.ts';
import { focusComposer } from '../focus.ts';
import { CostInPlaceOf } from './cost-line.tsx';

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

/** What to do about an answer that did not come: what trying again costs, and other models. */
export function OtherModels({ message }: { message: Message }) {
  return (
    <>
      <CostInPlaceOf message={message} content={message.content} />
      <OfferList
        name={message.model}
        onChoose={(name) => {
          void chooseModel(name);
          void regenerate(message, name);
          focusComposer();
        }}
      />
    </>
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
