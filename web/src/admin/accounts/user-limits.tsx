import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Limits } from '../../api/types.ts';
import { choiceOf, LimitFields, timeZone, type WindowChoice } from '../../credits/limit-fields.tsx';
import { LimitsList } from '../../credits/limits-list.tsx';
import { strings } from '../../strings/strings.ts';
import { Fault } from '../../ui/use-attempt.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** The accounts that may pay for a user, the limits, and a form for that of staff. */
export function UserLimits({ address, canChange }: { address: string; canChange: boolean }) {
  const where = `${address}limits/`;
  const { data: read, failure, reload } = useResource<Limits>(where);
  const [changed, setChanged] = useState<Limits>();
  const limits = changed ?? read;
  if (!limits) return failure ? <Failure failure={failure} onRetry={reload} /> : null;
  return (
    <section class="page-section">
      <h2>{words.value.limits}</h2>
      <LimitsList
        limits={limits}
        names={strings.value.limits.kindsForStaff}
        personal={words.value.personalAccount}
        hasKeys
      />
      {canChange && <StaffLimit limits={limits} where={where} onChanged={setChanged} />}
    </section>
  );
}

function StaffLimit(props: { limits: Limits; where: string; onChanged: (limits: Limits) => void }) {
  const { limits, where, onChanged } = props;
  const text = strings.value.limits;
  const present = limits.limits.find(({ kind }) => kind === 'user');
  const [amount, setAmount] = useState(present ? String(present.limit) : '');
  const [window, setWindow] = useState<WindowChoice>(
    present ? choiceOf(present.window.kind) : 'month',
  );
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState('');
  const change = async (request: () => Promise<Limits>) => {
    setFault('');
    try {
      onChanged(await request());
      setReason('');
    } catch (error) {
      setFault(errorMessage(error));
    }
  };
  const set = () => {
    const body = { tokens: Number(amount), window, time_zone: timeZone(), reason };
    return change(() => call<Limits>('PUT', where, body));
  };
  const query = new URLSearchParams({ reason });
  return (
    <form
      class="actions"
      aria-label={words.value.staffLimit}
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <LimitFields amount={amount} window={window} onAmount={setAmount} onWindow={setWindow} />
      <input
        placeholder={words.value.reason}
        title={words.value.reasonHint}
        aria-label={words.value.reason}
        required
        maxLength={500}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button type="submit">{text.setLimit}</button>
      {present && (
        <button
          type="button"
          disabled={reason.trim() === ''}
          onClick={() => void change(() => call<Limits>('DELETE', `${where}?${query}`))}
        >
          {text.removeLimit}
        </button>
      )}
      <Fault words={fault} />
    </form>
  );
}
