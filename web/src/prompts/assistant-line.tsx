import { Files, UnreadByShown } from '../chat/files/drawn.tsx';
import { newAssistant } from '../state/assistant.ts';
import { filesOfAssistant, shownAssistant } from '../state/model.ts';
import { promptsText } from '../strings/prompts/prompts.ts';
import { Icon } from '../ui/icons.tsx';
import { beginWithout, mayUseModelOf, otherModelText } from './use-prompt.ts';
import '../styles/prompts.css';

/**
 * Says which assistant a new chat begins with, with which files, and whether another model than its
 * own answers.
 */
export function AssistantLine() {
  const { value: text } = promptsText;
  const { value: assistant } = newAssistant;
  const { value: files } = filesOfAssistant;
  const title = shownAssistant.value ?? '';
  return (
    <div class="assistant-line">
      <span dir="auto" role="status">
        {text.beginsWith(title)}
      </span>
      {assistant && (
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
      )}
      {assistant && !mayUseModelOf(assistant) && (
        <p class="assistant-model">{otherModelText(assistant)}</p>
      )}
      {files.length > 0 && (
        <div class="assistant-line-files">
          <Files files={files} isOwn />
          <UnreadByShown files={files} />
        </div>
      )}
    </div>
  );
}
