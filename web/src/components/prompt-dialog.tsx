import { useState } from 'preact/hooks';
import { instruct } from '../state/say.ts';
import { conversation } from '../state/thread.ts';
import { wordsFor } from '../state/trouble.ts';
import { strings } from '../strings/strings.ts';
import { Dialog } from './dialog.tsx';

/** What the model is told before every message of the conversation. */
export function PromptDialog({ onClose }: { onClose: () => void }) {
  const text = strings.value;
  const [prompt, setPrompt] = useState(conversation.value?.system_prompt ?? '');
  const [fault, setFault] = useState('');
  const [isSaving, setSaving] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    if (isSaving) return;
    setSaving(true);
    try {
      await instruct(prompt.trim());
      onClose();
    } catch (error) {
      setFault(wordsFor(error));
      setSaving(false);
    }
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
        {fault !== '' && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={isSaving}>
          {text.save}
        </button>
      </form>
    </Dialog>
  );
}
