import type { Message } from '../../api/types.ts';
import { models } from '../../state/account.ts';
import { estimateInPlaceOf, shownModel } from '../../state/model.ts';
import { regenerate } from '../../state/send-message.ts';
import { costText } from '../../strings/cost-text.ts';
import { strings } from '../../strings/strings.ts';
import { Menu } from '../../ui/menu.tsx';
import { focusComposer } from '../focus.ts';

/** The models that can answer again, the shown one first, each with what it costs. */
export function RegenerateMenu(props: {
  message: Message;
  anchor: HTMLElement;
  onClose: () => void;
}) {
  const { message, anchor, onClose } = props;
  const first = shownModel.value?.name;
  const sorted = models.value.toSorted(
    (a, b) => Number(b.name === first) - Number(a.name === first),
  );
  const items = sorted.map(({ name }) => {
    const estimate = estimateInPlaceOf(message, message.content, name);
    return {
      label: name,
      description: estimate && costText(estimate),
      onSelect: () => {
        void regenerate(message, name);
        focusComposer();
      },
    };
  });
  const { models: text } = strings.value;
  return (
    <Menu
      anchor={anchor}
      label={text.regenerateWith}
      groups={[{ label: text.regenerateWith, items }]}
      onClose={onClose}
    />
  );
}
