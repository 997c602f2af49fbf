import type { Message } from '../../api/types.ts';
import { estimateInPlaceOf } from '../../state/model.ts';
import { costText } from '../../strings/cost-text.ts';

/** What it costs to send a text in the place of a message. */
export function CostInPlaceOf(props: { message: Pick<Message, 'parent'>; content: string }) {
  const estimate = estimateInPlaceOf(props.message, props.content);
  return estimate ? <span class="price">{costText(estimate)}</span> : null;
}
