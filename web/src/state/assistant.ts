/** The assistant that the chat which does not exist yet will begin with. */
import { effect, signal } from '@preact/signals';
import type { Prompt } from '../api/types.ts';
import { atSessionEnd } from './account.ts';
import { composerKey } from './sending.ts';

/** undefined for none. */
export const newAssistant = signal<Prompt | undefined>(undefined);

// It stays with its composer.
effect(() => {
  void composerKey.value;
  newAssistant.value = undefined;
});
atSessionEnd(() => {
  newAssistant.value = undefined;
});
