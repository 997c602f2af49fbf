import { useState } from 'preact/hooks';
import { go, query } from '../../state/router.ts';
import { accountPlanText, allowanceText, planDay } from '../../strings/plan-text.ts';
import { number, strings } from '../../strings/strings.ts';
import { canChangeBalance } from '../accounts/user-actions.ts';
import type { AllowancePlan, PlanEffect, UserDetail } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
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
      {isOpen && (
        <GivePlan
          present={plan}
          name={user.username}
          address={`/api/admin/users/${user.id}/plan/`}
          onDone={done}
          onCancel={() => setOpen(false)}
        />
      )}
    </section>
  );
}

/** Gives an account another plan, or none. */
export function GivePlan(props: {
  present: UserDetail['plan'];
  /** Of the user or of the group. */
  name: string;
  address: string;
  onDone: () => void;
  onCancel: () => void;
}) {
  const { present, name, address, onDone, onCancel } = props;
  const give = async (chosen: AllowancePlan | undefined, terms: PlanTerms) => {
    const effect = await confirmPlanAction<PlanEffect>({
      method: 'POST',
      address,
      body: { plan: chosen?.id ?? null, ...terms } as PlanTerms,
      title: chosen
        ? words.value.givePlanTitle(name, chosen.name)
        : words.value.takePlanTitle(name),
      label: chosen ? words.value.givePlan : words.value.takePlan,
      isDangerous: !chosen,
      timeZone: (chosen ?? present)?.calendar.time_zone ?? 'UTC',
      done: words.value.userPlanChanged(name),
    });
    if (effect) onDone();
  };
  return (
    <PlanChoice
      canTake={present !== null}
      from={present ? 'renewal' : 'now'}
      onGive={(chosen, terms) => void give(chosen, terms)}
      onCancel={onCancel}
    />
  );
}

/** Gives a plan to the users that the address names. */
export function GivePlanPage() {
  const ids = (query.value.get('to') ?? '').split(',').filter((it) => /^\d{1,16}$/.test(it));
  const count = ids.length;
  const give = async (chosen: AllowancePlan | undefined, terms: PlanTerms) => {
    if (!chosen) return;
    const effect = await confirmPlanAction<PlanEffect>({
      method: 'POST',
      address: `/api/admin/plans/${chosen.id}/accounts/`,
      body: { accounts: ids.map(Number), ...terms } as PlanTerms,
      title: words.value.givePlanToTitle(count, chosen.name),
      label: words.value.givePlan,
      timeZone: chosen.calendar.time_zone,
      done: words.value.planGivenTo(count, chosen.name),
    });
    if (effect) go(`/admin/plans/${chosen.id}`);
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.givePlanTo(count)} />
      </header>
      {count === 0 ? (
        <p class="hint">{words.value.nobodyChosen}</p>
      ) : (
        <PlanChoice
          canTake={false}
          from="renewal"
          onGive={(chosen, terms) => void give(chosen, terms)}
          onCancel={() => go('/admin/')}
        />
      )}
    </>
  );
}

/** From when a plan is given, and until when. */
interface PlanTerms {
  readonly from: 'now' | 'renewal';
  readonly ends_at?: string;
}

function PlanChoice(props: {
  /** Whether to have no plan can be chosen. */
  canTake: boolean;
  from: 'now' | 'renewal';
  onGive: (plan: AllowancePlan | undefined, terms: PlanTerms) => void;
  onCancel: () => void;
}) {
  const { canTake, onGive, onCancel } = props;
  const { data } = useResource<{ plans: AllowancePlan[] }>('/api/admin/plans/?limit=200');
  const [id, setId] = useState('');
  const [from, setFrom] = useState(props.from);
  const [until, setUntil] = useState('');
  const plans = data?.plans ?? [];
  const chosen = plans.find((it) => it.id === id);
  const submit = (event: Event) => {
    event.preventDefault();
    const hasEnd = chosen !== undefined && from === 'now' && until !== '';
    const end = hasEnd ? { ends_at: new Date(`${until}T00:00:00`).toISOString() } : {};
    onGive(chosen, { from, ...end });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label>
        {words.value.plan}
        <select required value={id} onChange={(event) => setId(event.currentTarget.value)}>
          <option value="">{words.value.choosePlan}</option>
          {canTake && <option value="none">{words.value.noPlan}</option>}
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
