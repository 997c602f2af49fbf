import { saveFile } from '../api/download.ts';
import type { Message } from '../api/types.ts';
import { reportError } from '../state/error-notice.ts';
import { answersOf } from '../state/machines/tree.ts';
import { go } from '../state/router.ts';
import { children } from '../state/thread.ts';
import { failureText, number, secondsText, strings } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { MenuButton, type MenuGroup } from '../ui/menu.tsx';
import { focusComposer } from './focus.ts';
import { Regenerate } from './models/regenerate.tsx';
import { VersionSteps } from './version-steps.tsx';

/** Whether a reply ended because its reader stopped it, which is no failure. */
export function wasStopped({ failure_code: code }: Message): boolean {
  return code === 'stopped' || code === 'stopped_before_reply';
}

/** The line under an answer: its actions and its cost. */
export function AnswerLine(props: {
  message: Message;
  onRegenerate: ((message: Message) => void) | undefined;
}) {
  const { message, onRegenerate } = props;
  const { reply, status } = message;
  const text = strings.value;
  const isAnswered = status !== 'failed' || wasStopped(message);
  return (
    <div class="answer-line">
      {wasStopped(message) && <span class="stopped">{failureText(message)}</span>}
      {reply && <CopyButton text={reply} class="quiet copy-answer" about={text.copyAnswerLabel} />}
      {onRegenerate && isAnswered && (
        <Regenerate
          message={message}
          onRegenerate={() => {
            onRegenerate(message);
            focusComposer();
          }}
        />
      )}
      {onRegenerate && isAnswered && (
        <MenuButton
          label={text.moreActions}
          class="quiet icon-button"
          groups={() => moreActions(message)}
        >
          <Icon name="more" />
        </MenuButton>
      )}
      {onRegenerate && <Answers message={message} />}
      <Cost message={message} />
    </div>
  );
}

/** What is done with an answer less often. */
function moreActions(message: Message): MenuGroup[] {
  const { reply, cost } = message;
  const text = strings.value;
  const save = () => saveFile(new Blob([reply ?? ''], { type: 'text/markdown' }), 'answer.md');
  return [
    {
      items: reply
        ? [
            { label: text.downloadAnswer, icon: 'download', onSelect: save },
            ...('speechSynthesis' in window
              ? [
                  {
                    label: isRead(message) ? text.stopReading : text.readAloud,
                    icon: 'speaker' as const,
                    onSelect: () => speak(message),
                  },
                ]
              : []),
          ]
        : [],
    },
    {
      items:
        typeof cost === 'number'
          ? [{ label: text.toStatementLine, icon: 'receipt', onSelect: () => go(lineOf(message)) }]
          : [],
    },
  ];
}

/** The answer that was read aloud last. */
let lastRead: string | undefined;

function isRead({ id }: Message): boolean {
  return lastRead === id && speechSynthesis.speaking;
}

/** Reads an answer aloud, or stops if it is being read. */
async function speakNow({ id }: Message): Promise<void> {
  lastRead = id;
  const { readAloud } = await import('../shell/read-aloud.ts');
  if (!(await readAloud(id))) announce(strings.value.noVoice);
}

function speak(message: Message): void {
  speakNow(message).catch(reportError);
}

function Answers({ message }: { message: Message }) {
  const siblings = children.value.get(message.parent ?? '') ?? [];
  return (
    <VersionSteps
      message={message}
      versions={answersOf(siblings, message)}
      line="answer-line"
      label={strings.value.versionsOfAnswer}
    />
  );
}

function Cost({ message }: { message: Message }) {
  const { cost, model, status, created_at: begun, ended_at: ended } = message;
  const { paid_by: payer } = message;
  const text = strings.value;
  if (typeof cost !== 'number' || status === 'failed') return null;
  const took = ended === null ? undefined : Date.parse(ended) - Date.parse(begun);
  const seconds = took === undefined ? [] : [text.seconds(secondsText(took))];
  const ofThinking = message.thinking?.cost;
  const thinking = ofThinking ? [text.models.costOfThinking(number(ofThinking))] : [];
  const amount = cost === 0 ? text.costsNothing : text.costLine(number(cost));
  const words = [[amount, ...thinking].join(', '), model, ...seconds];
  return (
    <a class="cost" href={lineOf(message)}>
      {[...words, ...(payer?.name ? [payer.name] : [])].join(' · ')}
    </a>
  );
}

/** The address of a message's line in the statement. */
function lineOf({ id, paid_by: payer }: Message): string {
  return `/statement${payer?.name ? `?account=${payer.id}` : ''}#${id}`;
}
