import { useEffect, useState } from 'preact/hooks';
import { strings } from '../strings/strings.ts';
import { announce } from './announcer.tsx';
import { copyText } from './clipboard.ts';
import { Icon } from './icons.tsx';

/** How long a button shows its outcome. */
export const OUTCOME_MS = 2_000;

/** A button that copies a text and shows whether that worked. */
export function CopyButton(props: {
  text: string;
  label?: string;
  class?: string;
  /** What it copies, where the label alone does not say it: it gets an icon then. */
  about?: string;
}) {
  const words = strings.value;
  const { text, label = words.copy, about } = props;
  const [outcome, setOutcome] = useState<string>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), OUTCOME_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    const said = (await copyText(text)) ? words.copied : words.notCopied;
    setOutcome(said);
    announce(said);
  };
  return (
    <button
      type="button"
      class={props.class}
      aria-label={about === undefined ? undefined : (outcome ?? about)}
      onClick={() => void copy()}
    >
      {about !== undefined && <Icon name={outcome === words.copied ? 'check' : 'copy'} />}
      <span>{outcome ?? label}</span>
    </button>
  );
}
