import { useState } from 'preact/hooks';
import { setSystemPrompt } from '../state/send-message.ts';
import { conversation } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** Edits the conversation's instructions for the model. */
export function PromptDialog({ onClose }: { onClose: () => void }) {
  const text = strings.value;
  const [prompt, setPrompt] = useState(conversation.value?.system_prompt ?? '');
  const { fault, attempt } = useAttempt();
  const save = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => setSystemPrompt(prompt.trim()))) onClose();
  };
  return (
    <Dialog title={text.systemPrompt} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <p>{text.systemPromptText}</p>
        <textarea
          rows={6}
          maxLength={20_000}
          aria-label={text.systemPrompt}
          value={prompt}
          onInput={(event) => setPrompt(event.currentTarget.value)}
        />
        <Fault words={fault} />
        <button type="submit" class="primary">
          {text.save}
        </button>
      </form>
    </Dialog>
  );
}
