import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go } from '../../state/router.ts';
import { strings } from '../../strings/strings.ts';
import { isDefinite } from '../credits/send-once.ts';
import type { AllowancePlan, VoucherBatch } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { useResource } from '../ui/resource.tsx';
import { hideToast, showError, showToast } from '../ui/toast.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

const COUNT = String.raw`[1-9]\d{0,14}`;

/** Makes a batch of vouchers. */
export function NewVouchersPage() {
  const [isLost, setLost] = useState(false);
  const [isPlan, setPlan] = useState(false);
  /** What was sent last, and its key: the same vouchers are made once, however often it is sent. */
  const sent = useRef({ text: '', key: '' });
  const isSending = useRef(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    const body = bodyOf(new FormData(event.currentTarget as HTMLFormElement), isPlan);
    const text = JSON.stringify(body);
    if (sent.current.text !== text) sent.current = { text, key: newKey() };
    isSending.current = true;
    try {
      const headers = { 'idempotency-key': sent.current.key };
      const made = await call<VoucherBatch>('POST', '/api/admin/vouchers/', body, headers);
      hideToast();
      go(`/admin/vouchers/${made.id}`);
      showToast(words.value.voucherMade(made.codes));
    } catch (error) {
      setLost(!isDefinite(error));
      if (isDefinite(error)) showError(errorMessage(error));
    } finally {
      isSending.current = false;
    }
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.voucherNew} />
      </header>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="hint">{words.value.vouchersText}</p>
        <Fields isPlan={isPlan} onKind={setPlan} />
        {isLost && (
          <p class="warning" role="alert">
            {words.value.voucherUnknownOutcome}
          </p>
        )}
        <button type="submit" class="primary">
          {isLost ? strings.value.retry : words.value.voucherMake}
        </button>
      </form>
    </>
  );
}

function Fields({ isPlan, onKind }: { isPlan: boolean; onKind: (isPlan: boolean) => void }) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      <label>
        {words.value.voucherName}
        <input
          ref={first}
          name="name"
          required
          maxLength={100}
          autoComplete="off"
          placeholder={words.value.voucherNameHint}
        />
      </label>
      <label>
        {words.value.voucherKind}
        <select
          value={isPlan ? 'plan' : 'tokens'}
          onChange={(event) => onKind(event.currentTarget.value === 'plan')}
        >
          <option value="tokens">{words.value.voucherOfTokens}</option>
          <option value="plan">{words.value.voucherOfPlan}</option>
        </select>
      </label>
      {isPlan ? (
        <>
          <PlanChoice />
          <Count name="days" label={words.value.voucherDays} />
        </>
      ) : (
        <Count name="tokens" label={words.value.voucherTokens} />
      )}
      <Count name="codes" label={words.value.voucherCount} />
      <label>
        {words.value.voucherLastDay}
        <input name="last_day" type="date" />
      </label>
      <Count name="uses_per_code" label={words.value.voucherUsesPerCode} value="1" />
      <Count name="uses_per_user" label={words.value.voucherUsesPerUser} value="1" />
    </>
  );
}

function PlanChoice() {
  const plans = useResource<{ plans: AllowancePlan[] }>('/api/admin/plans/?limit=200');
  return (
    <label>
      {words.value.voucherPlan}
      <select name="plan" required disabled={plans.data === undefined}>
        {plans.data?.plans.map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </select>
      {plans.data?.plans.length === 0 && <span class="hint">{words.value.noPlans}</span>}
      {plans.failure && <span class="fault">{plans.failure.message}</span>}
    </label>
  );
}

function Count({ name, label, value = '' }: { name: string; label: string; value?: string }) {
  return (
    <label>
      {label}
      <input
        name={name}
        required
        inputMode="numeric"
        pattern={COUNT}
        title={words.value.wholeNumber}
        autoComplete="off"
        defaultValue={value}
      />
    </label>
  );
}

function bodyOf(fields: FormData, isPlan: boolean): object {
  const text = (name: string) => String(fields.get(name) ?? '');
  const count = (name: string) => Number(text(name));
  const lastDay = text('last_day');
  return {
    name: text('name'),
    ...(isPlan ? { plan: text('plan'), days: count('days') } : { tokens: count('tokens') }),
    codes: count('codes'),
    uses_per_code: count('uses_per_code'),
    uses_per_user: count('uses_per_user'),
    // To the end of that day, where the person who makes them is.
    ...(lastDay === '' ? {} : { expires_at: new Date(`${lastDay}T23:59:59.999`).toISOString() }),
  };
}

/** Not `crypto.randomUUID`, which browsers offer on secure pages only. */
function newKey(): string {
  return String(crypto.getRandomValues(new BigUint64Array(2)));
}
