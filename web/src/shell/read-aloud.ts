/** Reads answers aloud, with voices that are on the device: nothing is sent to anybody. */
import { signal } from '@preact/signals';
import { shownLanguage } from '../strings/strings.ts';
import { partsOf } from './spoken-parts.ts';

/** The message that is being read; undefined if none is. */
export const readMessage = signal<string | undefined>(undefined);

/** Whether this browser can read aloud. */
export function canReadAloud(): boolean {
  return 'speechSynthesis' in window;
}

/**
 * Reads the answer to a message as it is drawn, or stops if it is being read.
 * @returns false if the device has no voice of its own
 */
export async function readAloud(messageId: string): Promise<boolean> {
  const { speechSynthesis: speech } = window;
  const wasRead = readMessage.value;
  speech.cancel();
  readMessage.value = undefined;
  if (wasRead === messageId) return true;
  const voice = await voiceFor(shownLanguage.value);
  if (!voice) return false;
  const answer = document.querySelector(
    `[data-message="${CSS.escape(messageId)}"] .answer .markdown`,
  );
  const parts = partsOf(answer?.textContent ?? '');
  readMessage.value = messageId;
  for (const [index, part] of parts.entries()) {
    const spoken = new SpeechSynthesisUtterance(part);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    const isLast = index === parts.length - 1;
    spoken.onend = () => {
      if (isLast && readMessage.value === messageId) readMessage.value = undefined;
    };
    speech.speak(spoken);
  }
  return true;
}

async function voiceFor(language: string): Promise<SpeechSynthesisVoice | undefined> {
  const { speechSynthesis: speech } = window;
  if (speech.getVoices().length === 0) {
    await new Promise((resolve) => {
      speech.addEventListener('voiceschanged', resolve, { once: true });
      setTimeout(resolve, 1_000);
    });
  }
  // Others are spoken by a server of the browser's maker.
  const local = speech.getVoices().filter(({ localService }) => localService);
  return local.find(({ lang }) => lang.startsWith(language)) ?? local[0];
}
