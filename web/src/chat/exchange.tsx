import { memo } from 'preact/compat';
import { useEffect, useRef } from 'preact/hooks';
import type { Message } from '../api/types.ts';
import { LaterMarkdown } from '../markdown/later-markdown.tsx';
import { liveText } from '../state/thread.ts';
import { strings } from '../strings/strings.ts';
import { laterPart } from '../ui/later-part.tsx';
import { AnswerLine, wasStopped } from './answer-line.tsx';
import { receiveFocus } from './focus.ts';
import { likelyHeight } from './likely-height.ts';
import { type OnEdit, OwnWords } from './own-words.tsx';
import { ReplyFailure } from './reply-failure.tsx';
import { Thinking } from './thinking.tsx';

const ToolAnswer = laterPart(async () => (await import('./tools/tool-answer.tsx')).ToolAnswer);

interface Actions {
  readonly onRegenerate: (message: Message) => void;
  readonly onEdit: OnEdit;
}

/** A message and its reply, with the cost. */
export const Exchange = memo(function Exchange(props: { message: Message } & Partial<Actions>) {
  const { message, onRegenerate, onEdit } = props;
  const text = strings.value;
  const isPending = message.status === 'pending';
  const element = useRef<HTMLElement>(null);
  useEffect(() => receiveFocus(message.parent, element.current), []);
  return (
    <article
      ref={element}
      class="exchange"
      data-message={message.id}
      style={{ '--likely-height': `${likelyHeight(message)}px` }}
    >
      <OwnWords message={message} onEdit={onEdit} />
      <div class="answer">
        <h2 class="offscreen">{text.answered}</h2>
        <Answer message={message} onRegenerate={onRegenerate} />
        {!isPending && <AnswerLine message={message} onRegenerate={onRegenerate} />}
      </div>
    </article>
  );
});

/** The reply so far, or complete. */
function Answer(props: { message: Message; onRegenerate: Actions['onRegenerate'] | undefined }) {
  const { message, onRegenerate } = props;
  const { id, reply, failure, status } = message;
  const isPending = status === 'pending';
  const text = isPending ? liveText(id).value : (reply ?? '');
  return (
    <>
      <Thinking message={message} />
      {message.tools && <ToolAnswer message={message} text={text} />}
      {text !== '' && !message.tools && <LaterMarkdown text={text} isGrowing={isPending} />}
      {failure && !wasStopped(message) && (
        <ReplyFailure message={message} onRegenerate={onRegenerate} />
      )}
    </>
  );
}
