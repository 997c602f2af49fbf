import type { Message } from '../api/types.ts';
import type { Versions } from '../state/machines/tree.ts';
import { showBranch } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { passFocus, type VersionControl } from './focus.ts';

/** Which version of a message or of an answer is shown, and buttons to the others. */
export function VersionSteps(props: {
  message: Message;
  versions: Versions;
  line: VersionControl['line'];
  label: string;
}) {
  const { message, versions, line, label } = props;
  const { index, ids } = versions;
  const text = strings.value;
  if (ids.length < 2) return null;
  const step = (by: number, name: VersionControl['name']) => {
    const to = ids[index + by];
    if (to === undefined) return;
    passFocus(message.parent, { line, name });
    showBranch(to);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: It is no part of a form.
    <span class="branches" role="group" aria-label={label}>
      <button
        type="button"
        class="quiet icon-button previous"
        aria-label={text.previousBranch}
        disabled={index === 0}
        onClick={() => step(-1, 'previous')}
      >
        <Icon name="left" />
      </button>
      {text.branchOf(index + 1, ids.length)}
      <button
        type="button"
        class="quiet icon-button next"
        aria-label={text.nextBranch}
        disabled={index === ids.length - 1}
        onClick={() => step(1, 'next')}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}
