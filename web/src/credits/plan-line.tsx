import { useEffect } from 'preact/hooks';
import { me, refreshAccount } from '../state/account.ts';
import { accountPlanText, planDay } from '../strings/plan-text.ts';
import { number, strings } from '../strings/strings.ts';

/** The plan of the user: what it gives, when it renews, and how much of the balance ends then. */
export function PlanLine() {
  const plan = me.value?.plan;
  useEffect(() => {
    if (plan) void refreshAccount().catch(() => undefined);
  }, []);
  if (!plan) return null;
  const { name, expiring, renews_at: renewsAt, calendar } = plan;
  return (
    <p class="plan-line">
      <strong>{name}</strong> {accountPlanText(plan)}
      {expiring > 0 && renewsAt !== null && (
        <small>{strings.value.expiringOn(number(expiring), planDay(renewsAt, calendar))}</small>
      )}
    </p>
  );
}
