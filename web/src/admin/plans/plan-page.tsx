import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go } from '../../state/router.ts';
import { planText } from '../../strings/plan-text.ts';
import { number, time } from '../../strings/strings.ts';
import type { AllowancePlan, PlanOutcome } from '../types.ts';
import { NotFoundPage, PageHeading } from '../ui/page-heading.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { confirmPlanAction } from './plan-actions.ts';
import { calendarIn, draftOf, emptyDraft, isSameCalendar, planIn } from './plan-draft.ts';
import { FromChoice, PlanFields } from './plan-form.tsx';

/** How often a page asks how far a change is. */
const PROGRESS_EVERY_MS = 1_000;

/** Makes a plan. */
export function NewPlanPage() {
  const [draft, setDraft] = useState(() =>
    emptyDraft(Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const [isSending, setSending] = useState(false);
  const create = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    let made: PlanOutcome | undefined;
    await runAction(async () => {
      made = await call<PlanOutcome>('POST', '/api/admin/plans/', planIn(draft));
    });
    setSending(false);
    if (made) go(`/admin/plans/${made.plan.id}`);
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.newPlan} />
      </header>
      <form class="stack" onSubmit={(event) => void create(event)}>
        <PlanFields draft={draft} onChange={setDraft} />
        <button type="submit" class="primary" disabled={isSending}>
          {words.value.createPlan}
        </button>
      </form>
    </>
  );
}

/** One plan: what it gives and limits, and how to change and end it. */
export function PlanPage({ id }: { id: string }) {
  const address = `/api/admin/plans/${encodeURIComponent(id)}/`;
  const { data: plan, failure, reload } = useResource<AllowancePlan>(address);
  useEffect(() => {
    if (!plan?.progress) return;
    const timer = setTimeout(reload, PROGRESS_EVERY_MS);
    return () => clearTimeout(timer);
  }, [plan]);
  if (failure?.status === 400 || failure?.status === 404) {
    return <NotFoundPage title={words.value.planNotFound} text={words.value.planNotFoundText} />;
  }
  if (!plan) {
    return failure ? <Failure failure={failure} onRetry={reload} /> : <p aria-busy="true" />;
  }
  const isEnded = plan.ended_at !== null;
  return (
    <>
      <header class="page-head">
        <PageHeading title={plan.name} />
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      <p class="plan-sentence">{planText(plan, isEnded ? null : plan.next_renewal)}</p>
      <dl class="facts">
        <div>
          <dt>{words.value.accountsWithPlan}</dt>
          <dd>{number(plan.accounts)}</dd>
        </div>
        {plan.ended_at !== null && (
          <div>
            <dt>{words.value.planIsEnded}</dt>
            <dd>{time(plan.ended_at)}</dd>
          </div>
        )}
      </dl>
      {plan.progress ? (
        <Progress {...plan.progress} />
      ) : (
        <>
          {!isEnded && <ChangePlan key={JSON.stringify(plan)} plan={plan} onDone={reload} />}
          {(!isEnded || plan.accounts > 0) && <EndPlan plan={plan} onDone={reload} />}
        </>
      )}
    </>
  );
}

/** Accounts that are being changed in the background. */
function Progress({ accounts, done }: NonNullable<AllowancePlan['progress']>) {
  const text = words.value.planInProgress(done, accounts);
  return (
    <p class="plan-progress" role="status">
      <progress aria-label={text} value={done} max={accounts} /> {text}
    </p>
  );
}

interface PlanProps {
  readonly plan: AllowancePlan;
  readonly onDone: () => void;
}

function ChangePlan({ plan, onDone }: PlanProps) {
  const [draft, setDraft] = useState(() => draftOf(plan));
  const [from, setFrom] = useState<'now' | 'renewal'>('renewal');
  const { time_zone: timeZone } = plan.calendar;
  const address = `/api/admin/plans/${plan.id}/`;
  const isReplaced = !isSameCalendar(calendarIn(draft), plan.calendar);
  const submit = async (event: Event) => {
    event.preventDefault();
    const title = words.value.changePlanTitle(plan.name);
    const label = isReplaced ? words.value.replacePlan : words.value.changePlan;
    const wanted = planIn(draft);
    const { calendar: _, ...change } = wanted;
    // The amount only where it is another one: else nothing is to be given now.
    const { tokens, ...others } = change;
    const changed = tokens === plan.tokens ? others : change;
    const outcome = await confirmPlanAction<PlanOutcome>({
      method: isReplaced ? 'POST' : 'PATCH',
      address: isReplaced ? `${address}replace/` : address,
      body: isReplaced ? { ...wanted, from } : { ...changed, from },
      title,
      label,
      timeZone,
      done: words.value.planChanged(draft.name),
    });
    if (!outcome) return;
    if (isReplaced) go(`/admin/plans/${outcome.plan.id}`);
    else onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.changePlan}</h2>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <PlanFields draft={draft} onChange={setDraft} />
        {isReplaced && <p class="hint">{words.value.replaceText}</p>}
        <FromChoice value={from} onChange={setFrom} />
        <button type="submit" class="primary">
          {isReplaced ? words.value.replacePlan : words.value.changePlan}
        </button>
      </form>
    </section>
  );
}

function EndPlan({ plan, onDone }: PlanProps) {
  const [from, setFrom] = useState<'now' | 'renewal'>('renewal');
  const end = async (event: Event) => {
    event.preventDefault();
    const outcome = await confirmPlanAction<PlanOutcome>({
      method: 'POST',
      address: `/api/admin/plans/${plan.id}/end/`,
      body: { from },
      title: words.value.endPlanTitle(plan.name),
      label: words.value.endPlan,
      isDangerous: true,
      timeZone: plan.calendar.time_zone,
      done: words.value.planEnded(plan.name),
    });
    if (outcome) onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.endPlan}</h2>
      <form class="stack" onSubmit={(event) => void end(event)}>
        <FromChoice value={from} onChange={setFrom} />
        <button type="submit" class="bad">
          {words.value.endPlan}
        </button>
      </form>
    </section>
  );
}
