import { useEffect, useRef } from 'preact/hooks';
import { useLoaded } from '../chat/models/use-loaded.ts';
import { newAssistant } from '../state/assistant.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { laterPart } from '../ui/later-part.tsx';

const AssistantLine = laterPart(async () => (await import('./assistant-line.tsx')).AssistantLine);

/** How the choice of prompts was opened: by its button, or by typing `/`. */
export type OpenedBy = 'button' | 'slash' | undefined;

/** The button in the composer for prompts and assistants. */
export function PromptsButton(props: {
  conversation: string | undefined;
  opened: OpenedBy;
  onOpened: (by: OpenedBy) => void;
}) {
  const { conversation, opened, onOpened } = props;
  const button = useRef<HTMLButtonElement>(null);
  const loaded = useLoaded(() => import('./prompt-picker.tsx'), opened !== undefined);
  // Another chat has another composer.
  useEffect(() => onOpened(undefined), [conversation]);
  const label = strings.value.prompts;
  return (
    <>
      <button
        ref={button}
        type="button"
        class="quiet icon-button"
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={opened !== undefined}
        onClick={() => onOpened('button')}
      >
        <Icon name="prompts" />
      </button>
      {opened !== undefined && loaded && button.current && (
        <loaded.PromptPicker
          anchor={button.current}
          conversation={conversation}
          isTyped={opened === 'slash'}
          onClose={() => onOpened(undefined)}
        />
      )}
    </>
  );
}

/** Which assistant a new chat begins with, above the composer. */
export function ChosenAssistant() {
  return newAssistant.value ? <AssistantLine /> : null;
}
