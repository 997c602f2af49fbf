import { useEffect, useRef, useState } from 'preact/hooks';
import { me } from '../state/account.ts';
import { loadConversations } from '../state/conversations.ts';
import { overText } from '../strings/over/over.ts';
import { number, strings } from '../strings/strings.ts';
import { PageFrame } from '../ui/page-frame.tsx';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';
import '../styles/own-account.css';
import { FileFault, type Found, ImportRun, type Progress, tooOldAmong } from './import-run.ts';

type Stage = 'choose' | 'reading' | 'found' | 'sending' | 'stopped' | 'done';

/** Imports chats of other products: choose a file, see what is in it, then import it. */
export function ImportPage() {
  const text = overText.value.import;
  const run = useRef<ImportRun>(undefined);
  const isStopped = useRef(false);
  const [stage, setStage] = useState<Stage>('choose');
  const [found, setFound] = useState<Found>();
  const [progress, setProgress] = useState<Progress>({ sent: 0, added: 0, known: 0 });
  const { fault, setFault, attempt } = useAttempt();
  useEffect(() => () => run.current?.close(), []);
  const tooOld = found ? tooOldAmong(found.chats, me.value?.chats_kept_days) : [];
  const read = async (file: File | undefined) => {
    if (!file) return;
    run.current?.close();
    const reader = new ImportRun();
    run.current = reader;
    setFound(undefined);
    setStage('reading');
    const isRead = await attempt(async () => {
      try {
        setFound(await reader.read(file));
      } catch (error) {
        if (!(error instanceof FileFault)) throw error;
        setFault(text.faults[error.fault]);
        setStage('choose');
      }
    });
    setStage((now) => (now === 'choose' || !isRead ? 'choose' : 'found'));
  };
  const send = async () => {
    isStopped.current = false;
    setStage('sending');
    let end: 'done' | 'stopped' = 'stopped';
    await attempt(async () => {
      const sent = run.current?.send(tooOld, () => isStopped.current, setProgress);
      end = (await sent) ?? 'stopped';
    });
    setStage(end);
    void loadConversations();
  };
  return (
    <PageFrame title={text.title}>
      <section>
        <p>{text.intro}</p>
        <p>{text.how}</p>
        {stage !== 'sending' && (
          <FileChoice
            label={stage === 'choose' || stage === 'reading' ? text.choose : text.another}
            isBusy={stage === 'reading'}
            onFile={(file) => void read(file)}
          />
        )}
        {stage === 'reading' && <p role="status">{text.reading}</p>}
        <Fault words={fault} />
      </section>
      {found && <WhatIsIn found={found} tooOld={tooOld} />}
      {found && (
        <Steps
          stage={stage}
          chats={found.chats.length - tooOld.length}
          messages={messagesOf(found, tooOld)}
          progress={progress}
          onSend={() => void send()}
          onStop={() => {
            isStopped.current = true;
          }}
        />
      )}
    </PageFrame>
  );
}

function messagesOf({ chats }: Found, without: readonly string[]): number {
  const left = new Set(without);
  return chats.reduce((sum, { id, messages }) => sum + (left.has(id) ? 0 : messages), 0);
}

function FileChoice(props: {
  label: string;
  isBusy: boolean;
  onFile: (file: File | undefined) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div class="row">
      <button type="button" disabled={props.isBusy} onClick={() => field.current?.click()}>
        {props.label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        accept=".json,.zip,application/json,application/zip"
        onChange={({ currentTarget: input }) => {
          props.onFile(input.files?.[0]);
          // So that the same file can be chosen again.
          input.value = '';
        }}
      />
    </div>
  );
}

function WhatIsIn({ found, tooOld }: { found: Found; tooOld: readonly string[] }) {
  const text = overText.value.import;
  const counts = { ...found.leftOut, tooOld: tooOld.length };
  const reasons = Object.entries(text.reasons).flatMap(([name, say]) => {
    const count = counts[name as keyof typeof counts];
    return count > 0 ? [say(number(count))] : [];
  });
  const messages = number(messagesOf(found, []));
  return (
    <section>
      <p>{text.found(text.sources[found.source], number(found.chats.length), messages)}</p>
      {found.known.length > 0 && <p>{text.known(number(found.known.length))}</p>}
      {reasons.length > 0 && (
        <>
          <p>{text.leftOut}</p>
          <ul class="plain-list">
            {reasons.map((it) => (
              <li key={it}>{it}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Steps(props: {
  stage: Stage;
  chats: number;
  messages: number;
  progress: Progress;
  onSend: () => void;
  onStop: () => void;
}) {
  const { stage, chats, messages, progress, onSend, onStop } = props;
  const text = overText.value.import;
  if (stage === 'done') {
    const { added, known } = progress;
    return (
      <section>
        <p role="status">
          {text.done(number(added))} {known > 0 && text.doneKnown(number(known))}
        </p>
        <div class="row">
          <a class="button primary" href="/">
            {strings.value.toChat}
          </a>
        </div>
      </section>
    );
  }
  if (stage === 'sending') {
    return (
      <section>
        <progress value={progress.sent} max={messages} aria-label={text.title} />
        <p>{text.progress(number(progress.sent), number(messages))}</p>
        <div class="row">
          <button type="button" onClick={onStop}>
            {text.stop}
          </button>
        </div>
      </section>
    );
  }
  if (chats === 0) return <p>{text.nothing}</p>;
  return (
    <section>
      {stage === 'stopped' && <p role="status">{text.stopped}</p>}
      <div class="row">
        <button type="button" class="primary" onClick={onSend}>
          {stage === 'stopped' ? text.goOn : text.begin(number(chats))}
        </button>
      </div>
    </section>
  );
}
