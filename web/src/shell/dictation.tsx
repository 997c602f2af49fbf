import { useEffect, useRef, useState } from 'preact/hooks';
import { keep, kept } from '../state/preferences.ts';
import { draftFor, writeDraft } from '../state/sending.ts';
import { overText } from '../strings/over/over.ts';
import { locale, strings } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { isOnDevice, type Recognition, recognitionMaker } from './recognition.ts';

/**
 * A button that writes into the composer what is said. Where the browser sends it to its maker to
 * turn it into text, that is said first.
 */
export function Dictation({ conversation }: { conversation: string | undefined }) {
  const text = overText.value.speech;
  const [isListening, setListening] = useState(false);
  const [asks, setAsks] = useState(false);
  const running = useRef<Recognition>(undefined);
  useEffect(() => () => running.current?.stop(), [conversation]);
  const begin = async () => {
    const maker = recognitionMaker();
    if (!maker) return;
    const { value: lang } = locale;
    const isLocal = await isOnDevice(maker, lang);
    if (!isLocal && kept('dictation') !== '1') return setAsks(true);
    const recognition = new maker();
    recognition.lang = lang;
    recognition.continuous = true;
    if (isLocal) recognition.processLocally = true;
    recognition.onresult = ({ resultIndex, results }) => {
      const said = Array.from(results)
        .slice(resultIndex)
        .filter(({ isFinal }) => isFinal);
      const words = said.map((it) => it[0]?.transcript.trim() ?? '').join(' ');
      if (words === '') return;
      const draft = draftFor(conversation).trimEnd();
      writeDraft(conversation, draft === '' ? words : `${draft} ${words}`);
    };
    recognition.onerror = ({ error }) => {
      if (error !== 'aborted') announce(error === 'not-allowed' ? text.notAllowed : text.notHeard);
    };
    recognition.onend = () => setListening(false);
    running.current = recognition;
    recognition.start();
    setListening(true);
  };
  const agree = () => {
    keep('dictation', '1');
    setAsks(false);
    void begin();
  };
  return (
    <>
      <button
        type="button"
        class={isListening ? 'quiet icon-button listening' : 'quiet icon-button'}
        aria-label={text.dictate}
        title={text.dictate}
        aria-pressed={isListening}
        onClick={() => (isListening ? running.current?.stop() : void begin())}
      >
        <Icon name="mic" />
      </button>
      {asks && (
        <Dialog title={text.dictate} onClose={() => setAsks(false)}>
          <p>{text.sentAway}</p>
          <div class="row">
            <button type="button" class="primary" onClick={agree}>
              {text.agree}
            </button>
            <button type="button" onClick={() => setAsks(false)}>
              {strings.value.cancel}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
