import { newAssistant } from '../state/assistant.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { Icon } from '../ui/icons.tsx';
import { beginWithout, mayUseModelOf, otherModelText } from './use-prompt.ts';
import '../styles/prompts.css';

/** Says which assistant a new chat begins with, and whether another model than its own answers. */
export function AssistantLine() {
  const { value: text } = promptsText;
  const { value: assistant } = newAssistant;
  if (!assistant) return null;
  const { title } = assistant;
  return (
    <div class="assistant-line" role="status">
      <span dir="auto">{text.beginsWith(title)}</span>
      <button
        type="button"
        class="quiet icon-button"
        aria-label={text.beginWithout(title)}
        title={text.beginWithout(title)}
        onClick={() => {
          beginWithout();
          document.getElementById('composer')?.focus();
        }}
      >
        <Icon name="close" />
      </button>
      {!mayUseModelOf(assistant) && <p class="assistant-model">{otherModelText(assistant)}</p>}
    </div>
  );
}
