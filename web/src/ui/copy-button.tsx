import { useEffect, useState } from 'preact/hooks';
import { strings } from '../strings/strings.ts';
import { announce } from './announcer.tsx';
import { copyText } from './clipboard.ts';

/** How long a button shows its outcome. */
export const OUTCOME_MS = 2_000;

/** A button that copies a text and shows whether that worked. */
export function CopyButton(props: { text: string; label?: string; class?: string }) {
  const words = strings.value;
  const { text, label = words.copy } = props;
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
    <button type="button" class={props.class} onClick={() => void copy()}>
      {outcome ?? label}
    </button>
  );
}
