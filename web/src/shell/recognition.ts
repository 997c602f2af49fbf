/** Speech recognition of the browser (Web Speech API), where it has one. */

/** What of it is used; TypeScript's library does not know it yet. */
export interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally?: boolean;
  start(): void;
  stop(): void;
  onresult: ((event: RecognitionEvent) => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { readonly error: string }) => void) | null;
}

interface RecognitionEvent {
  readonly resultIndex: number;
  readonly results: ArrayLike<
    ArrayLike<{ readonly transcript: string }> & { readonly isFinal: boolean }
  >;
}

interface RecognitionMaker {
  new (): Recognition;
  available?(options: { langs: string[]; processLocally: boolean }): Promise<string>;
}

/** The browser's own; undefined if it has none. */
export function recognitionMaker(): RecognitionMaker | undefined {
  const { SpeechRecognition, webkitSpeechRecognition } = window as unknown as Partial<
    Record<'SpeechRecognition' | 'webkitSpeechRecognition', RecognitionMaker>
  >;
  return window.isSecureContext ? (SpeechRecognition ?? webkitSpeechRecognition) : undefined;
}

/** Whether what is said stays on the device; else the browser sends it to its maker. */
export async function isOnDevice(maker: RecognitionMaker, lang: string): Promise<boolean> {
  const state = await maker.available?.({ langs: [lang], processLocally: true }).catch(() => '');
  return state === 'available';
}
