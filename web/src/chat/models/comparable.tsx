import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Message } from '../../api/types.ts';
import { comparedWith } from '../../state/machines/comparison.ts';
import { IN_FLIGHT_ID } from '../../state/machines/thread.ts';
import { children as childrenOf } from '../../state/thread.ts';
import { useLoaded } from './use-loaded.ts';

/** Messages of comparisons that their reader has decided, though nothing was sent since. */
const decided = signal<ReadonlySet<string>>(new Set());

/** The last exchange, beside the one that was sent to another model together with it. */
export function Comparable(props: {
  message: Message;
  isLast: boolean;
  /** Draws an exchange that is read and not changed. */
  exchange: (message: Message) => ComponentChildren;
  children: ComponentChildren;
}) {
  const { message, isLast, exchange, children } = props;
  const mayCompare = isLast && message.id !== IN_FLIGHT_ID && !decided.value.has(message.id);
  const other = mayCompare ? comparedWith(message, childrenOf.value) : undefined;
  const loaded = useLoaded(() => import('./comparison.tsx'), other !== undefined);
  if (!other || !loaded) return <>{children}</>;
  const decide = () => {
    decided.value = new Set([...decided.value, message.id, other.id]);
  };
  const both = { message, other, exchange };
  return <loaded.Comparison {...both} onDecided={decide} />;
}
