import { query } from '../../state/router.ts';
import { allowanceText, planDay } from '../../strings/plan-text.ts';
import { number } from '../../strings/strings.ts';
import type { AllowancePlan } from '../types.ts';
import { ChoiceFilter, Filters } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** All plans, and how many accounts have them. */
export function PlansPage() {
  const ended = query.value.get('ended') === 'true';
  const pages = usePages<AllowancePlan>(`/api/admin/plans/?ended=${ended}`, 'plans');
  const text = words.value;
  return (
    <>
      <header class="page-head">
        <PageHeading title={text.plans} />
        <a class="button primary" href="/admin/plans/new">
          {text.newPlan}
        </a>
      </header>
      <Filters set={ended ? 1 : 0}>
        <ChoiceFilter
          name="ended"
          label={text.state}
          any={text.onlyActivePlans}
          choices={[['true', text.endedPlansToo]]}
        />
      </Filters>
      <Loaded resource={pages} empty={text.noPlans}>
        {(plans) => (
          <>
            <TableFrame name={text.plans}>
              <table class="data">
                <thead>
                  <tr>
                    <th>{text.plan}</th>
                    <th>{text.allowance}</th>
                    <th class="number">{text.accountsWithPlan}</th>
                    <th class="spare">{text.nextRenewal}</th>
                  </tr>
                </thead>
                <tbody>
                  {plans.map((it) => (
                    <tr key={it.id}>
                      <td class="wide">
                        <a href={`/admin/plans/${it.id}`}>{it.name}</a>{' '}
                        {it.ended_at !== null && <span class="by">{text.planIsEnded}</span>}
                      </td>
                      <td>{allowanceText(it)}</td>
                      <td class="number">{number(it.accounts)}</td>
                      <td class="spare">
                        {it.next_renewal === null ? '' : planDay(it.next_renewal, it.calendar)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
            <LoadMore pages={pages} />
          </>
        )}
      </Loaded>
    </>
  );
}
