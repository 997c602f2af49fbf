/** What only staff do with a group: its pool's balance and plan, its name and models. */
import { useMemo, useRef } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { sendOnce, type UnansweredKeys } from '../credits/send-once.ts';
import type { Group } from '../types.ts';
import { useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { inMemory } from './place.ts';

interface GroupProps {
  readonly group: Group;
  readonly address: string;
  readonly onChange: () => void;
}

/** Adds tokens to the pool or takes some away, and gives it a plan. */
export function PoolSection({ group, address, onChange }: GroupProps) {
  return (
    <section class="page-section">
      <h2>{words.value.poolAdd}</h2>
      <GrantForm group={group} address={address} onChange={onChange} />
      {group.ended_at === null && group.account !== null && (
        <PlanForm account={group.account} onChange={onChange} />
      )}
    </section>
  );
}

function GrantForm({ group, address, onChange }: GroupProps) {
  const keys = useMemo(() => inMemory<UnansweredKeys>({}), [group.id]);
  const isSending = useRef(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const tokens = Number(String(fields.get('tokens')).replace('−', '-'));
    const reason = String(fields.get('reason'));
    isSending.current = true;
    let after = 0;
    const isDone = await runAction(
      () =>
        sendOnce({ to: [{ id: group.account ?? 0, tokens }], reason }, keys, async (key) => {
          const headers = { 'Idempotency-Key': key };
          const body = { tokens, reason };
          const path = `${address}grant/`;
          after = (await call<{ tokens_after: number }>('POST', path, body, headers)).tokens_after;
        }),
      () => words.value.poolApplied(after),
    );
    isSending.current = false;
    if (!isDone) return;
    form.reset();
    onChange();
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)}>
      <input
        name="tokens"
        required
        inputMode="numeric"
        pattern="[+\-−]?\d{1,15}"
        aria-label={words.value.poolAmount}
        placeholder={words.value.poolAmount}
        title={words.value.wholeNumber}
        autoComplete="off"
      />
      <input
        name="reason"
        required
        maxLength={500}
        aria-label={words.value.reason}
        placeholder={words.value.reason}
      />
      <button type="submit">{words.value.poolApply}</button>
    </form>
  );
}

/** As far as it is used here. */
interface Plans {
  readonly plans: readonly { readonly id: string; readonly name: string }[];
}

function PlanForm({ account, onChange }: { account: number; onChange: () => void }) {
  const { data } = useResource<Plans>('/api/admin/plans/');
  if (!data || data.plans.length === 0) return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const body = { accounts: [account], from: String(fields.get('from')) };
    const path = `/api/admin/plans/${encodeURIComponent(String(fields.get('plan')))}/accounts/`;
    const isDone = await runAction(() => call('POST', path, body), words.value.poolPlanGiven);
    if (isDone) onChange();
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)}>
      <select name="plan" required aria-label={words.value.poolChoosePlan}>
        {data.plans.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select name="from" aria-label={words.value.poolPlanStarts}>
        <option value="renewal">{words.value.poolPlanAtRenewal}</option>
        <option value="now">{words.value.poolPlanNow}</option>
      </select>
      <button type="submit">{words.value.poolGivePlan}</button>
    </form>
  );
}

/** The name of a group, and the models that its pool pays for. */
export function EditGroup({ group, address, onChange }: GroupProps) {
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const models = String(fields.get('models') ?? '')
      .split(',')
      .map((it) => it.trim())
      .filter((it) => it !== '');
    const body = {
      name: String(fields.get('name')),
      ...(group.pool ? { models: models.length === 0 ? null : models } : {}),
    };
    if (await runAction(() => call('PATCH', address, body), words.value.groupSaved)) onChange();
  };
  return (
    <section class="page-section">
      <h2>{words.value.groupEdit}</h2>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          {words.value.groupName}
          <input name="name" required maxLength={100} defaultValue={group.name} />
        </label>
        {group.pool && (
          <label>
            {words.value.groupOnlyModels}
            <input name="models" defaultValue={group.models?.join(', ') ?? ''} />
          </label>
        )}
        <button type="submit">{words.value.groupSave}</button>
      </form>
    </section>
  );
}
