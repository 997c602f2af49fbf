import type { Message } from '../../api/types.ts';
import { isBalanceTooLow } from '../../state/model.ts';
import { AllModels } from './all-models.tsx';
import { useLoaded } from './use-loaded.ts';

const load = () => import('./offer-list.tsx');

/** Models that the balance still pays for, where it is too low for the shown one. */
export function Offers() {
  const loaded = useLoaded(load, isBalanceTooLow.value);
  return loaded && isBalanceTooLow.value ? <loaded.Offers /> : null;
}

/**
 * Other models for an answer that did not come.
 * @param props `isFirst` where the same model will fail again, so that this is what to do
 */
export function OtherModels(props: { message: Message; isFirst: boolean }) {
  const loaded = useLoaded(load, true);
  if (loaded) return <loaded.OtherModels {...props} />;
  return props.isFirst ? <AllModels class="primary" /> : null;
}
