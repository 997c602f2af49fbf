import { useRef, useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { models } from '../../state/account.ts';
import { estimateInPlaceOf, shownModel } from '../../state/model.ts';
import { regenerate } from '../../state/send-message.ts';
import { costText } from '../../strings/cost-text.ts';
import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { MenuButton, type MenuGroup } from '../../ui/menu.tsx';
import { focusComposer, isTouchScreen } from '../focus.ts';

/**
 * Asks for another answer, by the shown model or one of a menu. What it costs is said before: where
 * there is a pointer, as soon as it is near; on a touch screen in the menu, which comes first.
 */
export function Regenerate(props: { message: Message; onRegenerate: () => void }) {
  const { message, onRegenerate } = props;
  const text = strings.value;
  const menu = useRef<HTMLButtonElement>(null);
  const [isNear, setNear] = useState(false);
  const estimate = isNear ? estimateInPlaceOf(message, message.content) : undefined;
  const hasChoice = models.value.length > 1;
  return (
    <span
      class="regenerating"
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocusCapture={() => setNear(true)}
      onBlurCapture={() => setNear(false)}
    >
      <button
        type="button"
        class="quiet regenerate"
        aria-label={text.regenerateLabel}
        aria-description={estimate && costText(estimate)}
        onClick={() => (hasChoice && isTouchScreen() ? menu.current?.click() : onRegenerate())}
      >
        <Icon name="again" />
        <span>{text.regenerate}</span>
      </button>
      {hasChoice && (
        <MenuButton
          label={text.models.regenerateWith}
          class="quiet icon-button regenerate-with"
          buttonRef={menu}
          groups={() => choicesFor(message)}
        >
          <Icon name="down" />
        </MenuButton>
      )}
      {estimate && (
        <span class="regenerate-price" aria-hidden="true">
          {costText(estimate)}
        </span>
      )}
    </span>
  );
}

/** The models that can answer again, the shown one first, each with what it costs. */
function choicesFor(message: Message): MenuGroup[] {
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
  return [{ label: strings.value.models.regenerateWith, items }];
}
