import { call } from '../../api/client.ts';
import { number, strings, time } from '../../strings/strings.ts';
import type { Group, GroupDetail } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { NotFoundPage, PageHeading } from '../ui/page-heading.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { GroupLimits } from './group-limits.tsx';
import { GroupMembers } from './group-members.tsx';
import { EditGroup, PoolSection } from './group-pool.tsx';
import { PoolStatement } from './group-statement.tsx';
import { GroupUsage } from './group-usage.tsx';
import { groupsAddress, isStaff } from './place.ts';

/** One group: everything that staff, or its managers, can see and do. */
export function GroupPage({ id }: { id: string }) {
  const address = `${groupsAddress()}${encodeURIComponent(id)}/`;
  const { data: detail, failure, reload } = useResource<GroupDetail>(address);
  if (failure && failure.status !== undefined && failure.status < 429) {
    const { groupNotFound, groupNotFoundText } = words.value;
    return <NotFoundPage title={groupNotFound} text={groupNotFoundText} />;
  }
  if (!detail) {
    return failure ? <Failure failure={failure} onRetry={reload} /> : <p aria-busy="true" />;
  }
  const { group, budgets } = detail;
  const isOpen = group.ended_at === null;
  return (
    <>
      <header class="page-head">
        <PageHeading title={group.name}>
          {!isOpen && <span class="chip off">{words.value.groupEndedChip}</span>}
        </PageHeading>
        {group.pool && (
          <p class="ticket">
            <span class="offscreen">{words.value.groupPool}</span>
            <span class="ticket-number">{number(group.pool.tokens)}</span>{' '}
            <span class="ticket-unit">{strings.value.tokenUnit(group.pool.tokens)}</span>
          </p>
        )}
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      <Facts group={group} />
      {isStaff() && <Actions group={group} address={address} onDone={reload} />}
      <GroupMembers detail={detail} address={address} onChange={reload} />
      {group.pool && (
        <>
          <GroupLimits budgets={budgets} address={address} canAdd={isOpen} onChange={reload} />
          {isStaff() && <PoolSection detail={detail} address={address} onChange={reload} />}
          <GroupUsage address={address} name={group.name} />
          <PoolStatement address={address} balance={group.pool.tokens} onRefund={reload} />
        </>
      )}
      {isStaff() && isOpen && <EditGroup group={group} address={address} onChange={reload} />}
    </>
  );
}

function Facts({ group }: { group: Group }) {
  const { pool, models } = group;
  const plan = pool?.plan;
  return (
    <dl class="facts">
      <Fact name={words.value.groupMembers} value={number(group.members)} />
      <Fact name={words.value.groupCreated} value={time(group.created_at)} />
      {group.ended_at !== null && (
        <Fact name={words.value.groupEndedAt} value={time(group.ended_at)} />
      )}
      {pool && (
        <Fact
          name={words.value.groupModels}
          value={models === null ? words.value.groupAllModels : models.join(', ')}
        />
      )}
      {pool && pool.held > 0 && <Fact name={words.value.poolHeld} value={number(pool.held)} />}
      {plan && (
        <Fact
          name={words.value.poolPlan}
          value={
            plan.renews_at === null
              ? plan.name
              : words.value.poolRenews(plan.name, time(plan.renews_at))
          }
        />
      )}
      {pool && pool.expiring > 0 && (
        <Fact name={words.value.poolExpiring} value={number(pool.expiring)} />
      )}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Actions(props: { group: Group; address: string; onDone: () => void }) {
  const { group, address, onDone } = props;
  const end = async () => {
    const answer = await confirmAction({
      title: words.value.groupEndTitle(group.name),
      sentences: words.value.groupEndConsequences(group.members, group.pool?.tokens ?? 0),
      label: words.value.groupEnd,
      isDangerous: true,
      hasReason: 'optional',
    });
    if (!answer) return;
    const body = answer.reason === '' ? {} : { reason: answer.reason };
    const work = () => call('POST', `${address}end/`, body);
    if (await runAction(work, words.value.groupEnded(group.name))) onDone();
  };
  return (
    <div class="actions">
      {group.ended_at === null && (
        <button type="button" onClick={() => void end()}>
          {words.value.groupEnd}
        </button>
      )}
      <a class="button quiet" href={`/admin/audit?target=group:${group.id}`}>
        {words.value.auditEntries}
      </a>
    </div>
  );
}
