import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatFile } from '../../api/types.ts';
import { balance } from '../../state/account.ts';
import { estimateFor } from '../../state/model.ts';
import { activeTools, canCallTools, loadTools, mostWithTools, offer } from '../../state/tools.ts';
import { costText } from '../../strings/cost-text.ts';
import { number, strings } from '../../strings/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { laterPart } from '../../ui/later-part.tsx';
import '../../styles/tools-button.css';

const ToolsPopover = laterPart(async () => (await import('./tools-popover.tsx')).ToolsPopover);

/** Opens the choice of tools; not there where there are none. */
export function ToolsButton() {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  // Not before the page can be used.
  useEffect(() => {
    if (offer.value) return;
    const timer = setTimeout(() => void loadTools());
    return () => clearTimeout(timer);
  }, []);
  const text = strings.value.tools;
  if ((offer.value?.tools.length ?? 0) === 0) return null;
  const count = canCallTools.value ? activeTools.value.length : 0;
  return (
    <>
      <button
        ref={button}
        type="button"
        class={count > 0 ? 'quiet tools-button on' : 'quiet tools-button'}
        aria-label={count > 0 ? text.buttonOn(count) : text.button}
        title={text.button}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="tool" />
      </button>
      {isOpen && button.current && (
        <ToolsPopover anchor={button.current} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

/** What a message with tools costs at most. */
export function ToolsPrice(props: { content: string; files: readonly ChatFile[] }) {
  const most = mostWithTools(props.content, props.files);
  if (most === undefined) return null;
  const { rounds = 0 } = offer.value ?? {};
  const ceiling = Math.min(most, balance.value);
  const { usual = 0 } = estimateFor(props.content, props.files) ?? {};
  return (
    <span id="price" class="price" title={strings.value.tools.costsAtMost(number(ceiling), rounds)}>
      {costText({ credits: ceiling, usual, isExact: false })}
    </span>
  );
}
