import { useEffect } from 'preact/hooks';
import { useLoaded } from '../chat/models/use-loaded.ts';
import { newAssistant } from '../state/assistant.ts';
import { filesOfAssistant } from '../state/model.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { laterPart } from '../ui/later-part.tsx';

const AssistantLine = laterPart(async () => (await import('./assistant-line.tsx')).AssistantLine);

/** How the choice of prompts was opened: by its button, or by typing `/`. */
export type OpenedBy = 'button' | 'slash' | undefined;

/** The button in the composer for prompts and assistants. */
export function PromptsButton(props: { opened: OpenedBy; onOpen: () => void }) {
  const label = strings.value.prompts;
  return (
    <button
      type="button"
      class="quiet icon-button"
      aria-label={label}
      title={label}
      aria-haspopup="dialog"
      aria-expanded={props.opened !== undefined}
      onClick={props.onOpen}
    >
      <Icon name="prompts" />
    </button>
  );
}

/** The choice of prompts above the composer, outside of its form: it has a form of its own. */
export function PromptsPlace(props: {
  anchor: HTMLElement | null;
  conversation: string | undefined;
  opened: OpenedBy;
  onClose: () => void;
}) {
  const { anchor, conversation, opened, onClose } = props;
  const loaded = useLoaded(() => import('./prompt-picker.tsx'), opened !== undefined);
  // Another chat has another composer.
  useEffect(onClose, [conversation]);
  if (opened === undefined || !loaded || !anchor) return null;
  return (
    <loaded.PromptPicker
      anchor={anchor}
      conversation={conversation}
      isTyped={opened === 'slash'}
      onClose={onClose}
    />
  );
}

/** Which assistant a new chat begins with, and its files, above the text in the composer. */
export function ChosenAssistant() {
  return newAssistant.value || filesOfAssistant.value.length > 0 ? <AssistantLine /> : null;
}
