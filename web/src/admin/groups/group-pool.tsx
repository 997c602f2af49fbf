/** What only staff do with a group: its pool's balance and plan, its name and models. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { accountPlanText } from '../../strings/plan-text.ts';
import { sendOnce, type UnansweredKeys } from '../credits/send-once.ts';
import { GivePlan } from '../plans/user-plan.tsx';
import type { Group, GroupDetail } from '../types.ts';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { inMemory } from './place.ts';

interface GroupProps {
  readonly group: Group;
  readonly address: string;
  readonly onChange: () => void;
}

interface PoolProps {
  readonly detail: GroupDetail;
  readonly address: string;
  readonly onChange: () => void;
}

/** Adds tokens to the pool or takes some away, and gives it a plan. */
export function PoolSection({ detail, address, onChange }: PoolProps) {
  return (
    <>
      <section class="page-section">
        <h2>{words.value.poolAdd}</h2>
        <GrantForm group={detail.group} address={address} onChange={onChange} />
      </section>
      <PoolPlan detail={detail} address={address} onChange={onChange} />
    </>
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
        title={words.value.reasonHint}
      />
      <button type="submit">{words.value.poolApply}</button>
    </form>
  );
}

function PoolPlan({ detail, address, onChange }: PoolProps) {
  const [isOpen, setOpen] = useState(false);
  const { group, plan } = detail;
  const done = () => {
    setOpen(false);
    onChange();
  };
  return (
    <section class="page-section">
      <h2>{words.value.poolPlan}</h2>
      {plan ? (
        <p>
          <a href={`/admin/plans/${plan.id}`}>{plan.name}</a> {accountPlanText(plan)}
        </p>
      ) : (
        <p class="hint">{words.value.poolNoPlan}</p>
      )}
      {isOpen ? (
        <GivePlan
          present={plan}
          name={group.name}
          address={`${address}plan/`}
          onDone={done}
          onCancel={() => setOpen(false)}
        />
      ) : (
        group.ended_at === null && (
          <button type="button" onClick={() => setOpen(true)}>
            {plan ? words.value.changeUserPlan : words.value.poolGivePlan}
          </button>
        )
      )}
    </section>
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
