import type { ToolOffer } from '../../api/types.ts';
import { canCallTools, offer, toolsOn, turnTool } from '../../state/tools.ts';
import { number, strings } from '../../strings/strings.ts';
import { Popover } from '../../ui/popover.tsx';
import '../../styles/tools.css';

/** Which tools the chat has. */
export function ToolsPopover(props: { anchor: HTMLElement; onClose: () => void }) {
  const text = strings.value.tools;
  const { tools = [] } = offer.value ?? {};
  return (
    <Popover
      anchor={props.anchor}
      label={text.title}
      side="above"
      class="tools-popover"
      onClose={props.onClose}
    >
      <h2>{text.title}</h2>
      {!canCallTools.value && <p class="soft">{text.modelCannot}</p>}
      {tools.length === 0 && <p class="soft">{text.none}</p>}
      {tools.map((tool) => (
        <ToolChoice key={tool.name} tool={tool} />
      ))}
    </Popover>
  );
}

function ToolChoice({ tool }: { tool: ToolOffer['tools'][number] }) {
  const text = strings.value.tools;
  const { name, is_available: isAvailable, price_per_call: price } = tool;
  const isOn = toolsOn.value.includes(name);
  const cost = price === 0 ? text.free : text.perCall(number(price));
  const about = tool.approval === 'each' ? `${cost} · ${text.asks}` : cost;
  return (
    <label class="tool-choice">
      <input
        type="checkbox"
        checked={isOn}
        disabled={!canCallTools.value || (!isAvailable && !isOn)}
        onChange={(event) => void turnTool(name, event.currentTarget.checked)}
      />
      <span class="tool-name">{name}</span>
      <span class="soft">{isAvailable ? about : text.away}</span>
    </label>
  );
}
