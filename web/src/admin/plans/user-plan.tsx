import { useState } from 'preact/hooks';
import { accountPlanText, allowanceText, planDay } from '../../strings/plan-text.ts';
import { number, strings } from '../../strings/strings.ts';
import { canChangeBalance } from '../accounts/user-actions.ts';
import type { AllowancePlan, PlanEffect, UserDetail } from '../types.ts';
import { useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { confirmPlanAction } from './plan-actions.ts';
import { FromChoice } from './plan-form.tsx';

/** The plan of a user, and how to give another one. */
export function UserPlan({ detail, onDone }: { detail: UserDetail; onDone: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const { plan, user } = detail;
  const done = () => {
    setOpen(false);
    onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.plan}</h2>
      {plan ? (
        <p>
          <a href={`/admin/plans/${plan.id}`}>{plan.name}</a> {accountPlanText(plan)}
        </p>
      ) : (
        <p class="hint">{words.value.hasNoPlan}</p>
      )}
      {plan && plan.expiring > 0 && plan.renews_at !== null && (
        <p class="hint">
          {strings.value.expiringOn(number(plan.expiring), planDay(plan.renews_at, plan.calendar))}
        </p>
      )}
      {canChangeBalance(user) && !isOpen && (
        <div class="actions">
          <button type="button" onClick={() => setOpen(true)}>
            {plan ? words.value.changeUserPlan : words.value.givePlan}
          </button>
        </div>
      )}
      {isOpen && <GivePlan detail={detail} onDone={done} onCancel={() => setOpen(false)} />}
    </section>
  );
}

function GivePlan(props: { detail: UserDetail; onDone: () => void; onCancel: () => void }) {
  const { detail, onDone, onCancel } = props;
  const { user, plan: present } = detail;
  const { data } = useResource<{ plans: AllowancePlan[] }>('/api/admin/plans/?limit=200');
  const [id, setId] = useState('');
  const [from, setFrom] = useState<'now' | 'renewal'>(present ? 'renewal' : 'now');
  const [until, setUntil] = useState('');
  const plans = data?.plans ?? [];
  const chosen = plans.find((it) => it.id === id);
  const submit = async (event: Event) => {
    event.preventDefault();
    const ends = chosen && from === 'now' && until !== '';
    const body = {
      plan: chosen?.id ?? null,
      from,
      ...(ends ? { ends_at: new Date(`${until}T00:00:00`).toISOString() } : {}),
    };
    const effect = await confirmPlanAction<PlanEffect>({
      method: 'POST',
      address: `/api/admin/users/${user.id}/plan/`,
      body,
      title: chosen
        ? words.value.givePlanTitle(user.username, chosen.name)
        : words.value.takePlanTitle(user.username),
      label: chosen ? words.value.givePlan : words.value.takePlan,
      isDangerous: !chosen,
      timeZone: (chosen ?? present)?.calendar.time_zone ?? 'UTC',
      done: words.value.userPlanChanged(user.username),
    });
    if (effect) onDone();
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label>
        {words.value.plan}
        <select required value={id} onChange={(event) => setId(event.currentTarget.value)}>
          <option value="">{words.value.choosePlan}</option>
          {present && <option value="none">{words.value.noPlan}</option>}
          {plans.map((it) => (
            <option key={it.id} value={it.id}>
              {it.name} · {allowanceText(it)}
            </option>
          ))}
        </select>
      </label>
      <FromChoice value={from} onChange={setFrom} />
      {chosen && from === 'now' && (
        <label>
          {words.value.planUntil}
          <input
            type="date"
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="row">
        <button type="submit" class="primary">
          {chosen || id === '' ? words.value.givePlan : words.value.takePlan}
        </button>
        <button type="button" onClick={onCancel}>
          {strings.value.cancel}
        </button>
      </div>
    </form>
  );
}
