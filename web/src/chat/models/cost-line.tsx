import { estimateInPlaceOf, type Replaced } from '../../state/model.ts';
import { costText } from '../../strings/cost-text.ts';

/** What it costs to send a text in the place of a message. */
export function CostInPlaceOf(props: { message: Replaced; content: string }) {
  const estimate = estimateInPlaceOf(props.message, props.content);
  return estimate ? <span class="price">{costText(estimate)}</span> : null;
}
