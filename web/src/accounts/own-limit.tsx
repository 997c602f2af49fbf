import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Limits } from '../api/types.ts';
import { choiceOf, LimitFields, timeZone, type WindowChoice } from '../credits/limit-fields.tsx';
import { me, refreshBalance } from '../state/account.ts';
import { limits, showLimits } from '../state/limits.ts';
import { momentText, number, strings } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

const ADDRESS = '/api/limits/own/';

/** The limit that the user sets on what is spent. */
export function OwnLimit() {
  const { limits: text } = strings.value;
  const own = limits.value?.limits.find(({ kind }) => kind === 'own');
  const [amount, setAmount] = useState(own ? String(own.limit) : '');
  const [window, setWindow] = useState<WindowChoice>(own ? choiceOf(own.window.kind) : 'month');
  const [done, setDone] = useState('');
  const { fault, attempt } = useAttempt();
  useEffect(() => void refreshBalance().catch(() => undefined), []);
  const change = async (words: string, request: () => Promise<Limits>) => {
    setDone('');
    const isDone = await attempt(async () => {
      const changed = await request();
      if (me.value) showLimits(me.value.id, changed);
    });
    if (isDone) setDone(words);
  };
  const set = () => {
    const body = { tokens: Number(amount), window, time_zone: timeZone() };
    return change(text.limitSet, () => call<Limits>('PUT', ADDRESS, body));
  };
  return (
    <section id="limit">
      <h2>{text.ownTitle}</h2>
      <p>{text.ownText}</p>
      {own && (
        <p>
          {[
            text.usedOf(number(own.spent), number(own.limit), own.window),
            ...(own.renews_at === null
              ? []
              : [text.renews(momentText(own.renews_at, own.window.time_zone))]),
          ].join(' · ')}
        </p>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void set();
        }}
      >
        <LimitFields amount={amount} window={window} onAmount={setAmount} onWindow={setWindow} />
        <button type="submit">{text.setLimit}</button>
        {own && (
          <button
            type="button"
            onClick={() => void change(text.limitRemoved, () => call<Limits>('DELETE', ADDRESS))}
          >
            {text.removeLimit}
          </button>
        )}
        <Fault words={fault} />
      </form>
      {done !== '' && <p role="status">{done}</p>}
    </section>
  );
}
