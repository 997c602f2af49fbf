import { useRef, useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { models } from '../../state/account.ts';
import { estimateInPlaceOf } from '../../state/model.ts';
import { costText } from '../../strings/cost-text.ts';
import { strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { isTouchScreen } from '../focus.ts';
import { useLoaded } from './use-loaded.ts';

/**
 * Asks for another answer, by the shown model or one of a menu. What it costs is said before: where
 * there is a pointer, as soon as it is near; on a touch screen in the menu, which comes first.
 */
export function Regenerate(props: { message: Message; onRegenerate: () => void }) {
  const { message, onRegenerate } = props;
  const text = strings.value;
  const menuButton = useRef<HTMLButtonElement>(null);
  const [isNear, setNear] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const loaded = useLoaded(() => import('./regenerate-menu.tsx'), isOpen);
  const estimate = isNear ? estimateInPlaceOf(message, message.content) : undefined;
  const hasChoice = models.value.length > 1;
  return (
    <span
      class="regenerate"
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocusCapture={() => setNear(true)}
      onBlurCapture={() => setNear(false)}
    >
      <button
        type="button"
        class="quiet"
        aria-label={text.regenerateLabel}
        aria-description={estimate && costText(estimate)}
        onClick={() => (hasChoice && isTouchScreen() ? setOpen(true) : onRegenerate())}
      >
        {text.regenerate}
      </button>
      {hasChoice && (
        <button
          ref={menuButton}
          type="button"
          class="quiet regenerate-with"
          aria-label={text.models.regenerateWith}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          onClick={() => setOpen(true)}
        >
          <Icon name="down" />
        </button>
      )}
      {estimate && !isOpen && (
        <span class="regenerate-price" aria-hidden="true">
          {costText(estimate)}
        </span>
      )}
      {isOpen && loaded && menuButton.current && (
        <loaded.RegenerateMenu
          message={message}
          anchor={menuButton.current}
          onClose={() => setOpen(false)}
        />
      )}
    </span>
  );
}
