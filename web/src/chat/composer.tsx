import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatFile } from '../api/types.ts';
import { shortageText } from '../credits/shortage-text.ts';
import {
  ChosenAssistant,
  type OpenedBy,
  PromptsButton,
  PromptsPlace,
} from '../prompts/prompts-button.tsx';
import { recognitionMaker } from '../shell/recognition.ts';
import { balance } from '../state/account.ts';
import { estimateFor, estimateOfCompared, isBalanceTooLow } from '../state/model.ts';
import { noteRefusedKey, refusedKey } from '../state/refused-key.ts';
import { showNewChat, submitMessage } from '../state/send-message.ts';
import { draftFor, outgoing, writeDraft } from '../state/sending.ts';
import { excessOf } from '../state/site.ts';
import { isLoading, isStopping, loadFailure, running, stop } from '../state/thread.ts';
import { activeTools } from '../state/tools.ts';
import { comparedText, costText } from '../strings/cost-text.ts';
import { number, strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { sends } from '../ui/keyboard.ts';
import { laterPart } from '../ui/later-part.tsx';
import { attachmentsIn, filesIn, sendOnceUploaded, uploadState } from './files/attachments.ts';
import { AttachButton, pasteFiles } from './files/file-entry.tsx';
import { ComposerFiles } from './files/late.tsx';
import { useSendOnceUploaded } from './files/send-once-uploaded.ts';
import { focusComposer } from './focus.ts';
import { Offers } from './models/offers.tsx';
import { PayerPicker } from './payer-picker.tsx';
import { ToolsButton, ToolsPrice } from './tools/tools-button.tsx';

const Dictation = laterPart(async () => (await import('../shell/dictation.tsx')).Dictation);
const canDictate = recognitionMaker() !== undefined;

/** The field for the next message. It shows the cost, and keeps the draft until it is sent. */
export function Composer({ conversation }: { conversation: string | undefined }) {
  const text = strings.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const content = draftFor(conversation);
  const [prompts, setPrompts] = useState<OpenedBy>();
  const isOnItsWay = outgoing.value !== undefined;
  useEffect(() => grow(field.current), [content]);

  const isEmpty = (words: string) =>
    words.trim() === '' && attachmentsIn(conversation).length === 0;

  const send = async () => {
    // Read again, since the last keystroke or message may not be rendered yet.
    const words = draftFor(conversation);
    if (isEmpty(words) || excessOf(words)) return;
    const uploads = uploadState(conversation);
    if (running.value || isBalanceTooLow.value || uploads === 'failed') {
      noteRefusedKey();
      return;
    }
    sendOnceUploaded(conversation, uploads === 'uploading');
    if (uploads === 'uploading') return;
    // In the place of a chat that is not there a new one is begun.
    if (loadFailure.value) await showNewChat();
    // The pressed button may be gone; a reader who focused something else keeps that.
    if (
      (await submitMessage(words, filesIn(conversation))) &&
      document.activeElement === document.body
    )
      focusComposer();
  };
  const isWaitingForFiles = useSendOnceUploaded(conversation, () => void send());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') sendOnceUploaded(conversation, false);
    if (!sends(event)) return;
    event.preventDefault();
    void send();
  };
  const isRefused = isBalanceTooLow.value || excessOf(content) !== undefined;
  const isFileMissing = isWaitingForFiles || uploadState(conversation) === 'failed';
  const isWaiting = isOnItsWay || isLoading.value || isFileMissing;
  const isIdle = isEmpty(content) || isWaiting || isRefused;
  return (
    <>
      <form
        ref={form}
        class="composer"
        aria-busy={isOnItsWay}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <ChosenAssistant />
        <ComposerFiles conversation={conversation} />
        <textarea
          ref={field}
          id="composer"
          rows={1}
          dir="auto"
          placeholder={text.messagePlaceholder}
          aria-label={text.messagePlaceholder}
          aria-describedby="price"
          value={content}
          onInput={({ currentTarget: { value } }) => {
            if (content === '' && value === '/') setPrompts('slash');
            sendOnceUploaded(conversation, false);
            writeDraft(conversation, value);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => pasteFiles(conversation, event)}
        />
        <div class="composer-foot">
          <div class="composer-tools">
            <AttachButton conversation={conversation} />
            <PromptsButton opened={prompts} onOpen={() => setPrompts('button')} />
            <ToolsButton />
            {canDictate && <Dictation conversation={conversation} />}
          </div>
          {activeTools.value.length > 0 ? (
            <ToolsPrice content={content} files={filesIn(conversation)} />
          ) : (
            <Price content={content} files={filesIn(conversation)} />
          )}
          <Offers />
          <PayerPicker />
          <SendKey isIdle={isIdle} />
        </div>
      </form>
      <PromptsPlace
        anchor={form.current}
        conversation={conversation}
        opened={prompts}
        onClose={() => setPrompts(undefined)}
      />
    </>
  );
}

/** Stop takes the place of Send while an answer comes. */
function SendKey({ isIdle }: { isIdle: boolean }) {
  const text = strings.value;
  if (!running.value) {
    return (
      <button type="submit" class="primary send" aria-label={text.send} disabled={isIdle}>
        <Icon name="send" />
      </button>
    );
  }
  return (
    <button
      type="button"
      class="primary stop"
      aria-label={text.stop}
      title={text.stop}
      disabled={isStopping.value}
      onClick={() => {
        // The button becomes disabled, so it gives up the focus.
        focusComposer();
        void stop();
      }}
    >
      <span class="stop-sign" />
    </button>
  );
}

function alertIf(isNudged: boolean) {
  return isNudged ? 'alert' : undefined;
}

function Price({ content, files }: { content: string; files: readonly ChatFile[] }) {
  const text = strings.value;
  const excess = excessOf(content);
  if (excess) {
    return (
      <span id="price" class="price low" role="alert">
        {text.messageTooLong(number(excess.length), number(excess.max))}
      </span>
    );
  }
  const estimate = estimateFor(content, files);
  if (!estimate) return <span id="price" />;
  const isNudged = refusedKey.value !== undefined;
  if (isBalanceTooLow.value) {
    return (
      <span id="price" class={isNudged ? 'price low nudged' : 'price low'} role={alertIf(isNudged)}>
        {shortageText(estimate.credits, balance.value)}
      </span>
    );
  }
  if (isNudged && running.value) {
    return (
      <span id="price" class="price nudged" role="alert">
        {text.models.stillAnswering}
      </span>
    );
  }
  const compared = estimateOfCompared(content, files);
  return (
    <span id="price" class="price">
      {compared ? comparedText(estimate, compared) : costText(estimate)}
    </span>
  );
}

/** Fits the field's height to its text, up to the maximum in the styles. */
function grow(field: HTMLTextAreaElement | null): void {
  // Where the browser does it, it need not lay out the page for it.
  if (!field || CSS.supports('field-sizing', 'content')) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
