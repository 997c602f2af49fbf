import { useState } from 'preact/hooks';
import { atSessionEnd } from '../state/account.ts';
import { shownAssistant, shownInstructions } from '../state/model.ts';
import { setSystemPrompt } from '../state/send-message.ts';
import { composerKey } from '../state/sending.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** Texts that were not saved when the dialog was closed, by chat. */
const unsaved = new Map<string, string>();

atSessionEnd(() => unsaved.clear());

/** Edits the instructions of a chat for the model. What is not saved is there again next time. */
export function PromptDialog({ onClose }: { onClose: () => void }) {
  const text = strings.value;
  const { value: key } = composerKey;
  const [prompt, setPrompt] = useState(unsaved.get(key) ?? shownInstructions.value);
  const { fault, attempt } = useAttempt();
  const { value: assistant } = shownAssistant;
  const title = assistant ? `${text.systemPrompt}: ${assistant}` : text.systemPrompt;
  const save = async (event: Event) => {
    event.preventDefault();
    if (!(await attempt(() => setSystemPrompt(prompt.trim())))) return;
    unsaved.delete(key);
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <p>{text.systemPromptText}</p>
        <textarea
          rows={6}
          maxLength={20_000}
          aria-label={text.systemPrompt}
          value={prompt}
          dir="auto"
          onInput={(event) => {
            unsaved.set(key, event.currentTarget.value);
            setPrompt(event.currentTarget.value);
          }}
        />
        <Fault words={fault} />
        <div class="row dialog-actions">
          <button type="button" onClick={onClose}>
            {text.cancel}
          </button>
          <button type="submit" class="primary">
            {text.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
