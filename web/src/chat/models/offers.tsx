import type { Message } from '../../api/types.ts';
import { isBalanceTooLow } from '../../state/model.ts';
import { useLoaded } from './use-loaded.ts';

const load = () => import('./offer-list.tsx');

/** Models that the balance still pays for, where it is too low for the shown one. */
export function Offers() {
  const loaded = useLoaded(load, isBalanceTooLow.value);
  return loaded && isBalanceTooLow.value ? <loaded.Offers /> : null;
}

/** What to do about an answer that did not come: what trying again costs, and other models. */
export function OtherModels({ message }: { message: Message }) {
  const loaded = useLoaded(load, true);
  return loaded ? <loaded.OtherModels message={message} /> : null;
}
