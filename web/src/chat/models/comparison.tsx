import type { ComponentChildren } from 'preact';
import type { Message } from '../../api/types.ts';
import { chooseModel } from '../../state/model.ts';
import { showBranch, stopMessage } from '../../state/thread.ts';
import { strings } from '../../strings/strings.ts';
import { MessageFiles } from '../files/late.tsx';
import { focusComposer } from '../focus.ts';
import '../../styles/comparison.css';

/** Two answers to one message, side by side. Going on with one leaves the other a branch. */
export function Comparison(props: {
  message: Message;
  other: Message;
  /** Draws one of them; passed in, as its code is loaded already. */
  exchange: (message: Message) => ComponentChildren;
  onDecided: () => void;
}) {
  const { message, other, exchange, onDecided } = props;
  const both = [message, other].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const text = strings.value;
  return (
    <section class="comparison" aria-label={text.models.comparison}>
      <div class="words">
        <h2 class="offscreen">{text.you}</h2>
        <MessageFiles files={message.files} isOwn={true} />
        {message.content !== '' && <div class="bubble">{message.content}</div>}
      </div>
      <div class="compared">
        {both.map((it) => (
          <div key={it.id} class="compared-one">
            <h3>{it.model}</h3>
            {exchange(it)}
            {it.status === 'pending' ? (
              <button type="button" onClick={() => void stopMessage(it.id)}>
                {text.stop}
              </button>
            ) : (
              <button
                type="button"
                onClick={() => {
                  onDecided();
                  showBranch(it.id);
                  void chooseModel(it.model);
                  focusComposer();
                }}
              >
                {text.models.continueWith(it.model)}
              </button>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
