import { useState } from 'preact/hooks';
import { me } from '../../state/account.ts';
import { number, strings, time } from '../../strings/strings.ts';
import { Statement } from '../credits/user-statement.tsx';
import { UserGroups } from '../groups/user-groups.tsx';
import { UserPlan } from '../plans/user-plan.tsx';
import type { AdminUser, UserDetail } from '../types.ts';
import { NotFoundPage, PageHeading } from '../ui/page-heading.tsx';
import { Failure, useResource } from '../ui/resource.tsx';
import { UserUsageSection } from '../usage/user-usage.tsx';
import { words } from '../words/words.ts';
import { Access, AccountActions } from './user-access.tsx';
import { canChangeBalance, canDisable, toggleActive } from './user-actions.ts';
import { UserLimits } from './user-limits.tsx';
import { UserFlags } from './users-table.tsx';

/** One user: everything that staff can see and do. */
export function UserPage({ id }: { id: string }) {
  const address = `/api/admin/users/${encodeURIComponent(id)}/`;
  /** Each of them may have booked something. */
  const [planChanges, setPlanChanges] = useState(0);
  const { data: detail, failure, reload } = useResource<UserDetail>(address);
  // An id that is no number is answered with 400.
  if (failure?.status === 400 || failure?.status === 404) {
    return (
      <NotFoundPage title={words.value.userNotFound} text={words.value.userNotFoundText(id)} />
    );
  }
  if (!detail) {
    return failure ? <Failure failure={failure} onRetry={reload} /> : <p aria-busy="true" />;
  }
  const { user } = detail;
  const planChanged = () => {
    setPlanChanges(planChanges + 1);
    reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={user.username}>
          <UserFlags user={user} />
        </PageHeading>
        <p class="ticket">
          <span class="offscreen">{strings.value.balance}</span>
          <span class="ticket-number">{number(user.tokens)}</span>{' '}
          <span class="ticket-unit">{strings.value.tokenUnit(user.tokens)}</span>
        </p>
      </header>
      {failure && <Failure failure={failure} onRetry={reload} />}
      <Facts user={user} />
      <CommonActions detail={detail} onDone={reload} />
      <UserPlan detail={detail} onDone={planChanged} />
      <InProgress holds={detail.holds} />
      <UserGroups address={address} />
      <UserLimits address={address} canChange={canChangeBalance(user)} />
      <UserUsageSection address={address} />
      <Statement key={planChanges} user={user} address={address} onRefund={reload} />
      <Access detail={detail} onDone={reload} />
      <AccountActions detail={detail} address={address} onDone={reload} />
    </>
  );
}

function Facts({ user }: { user: AdminUser }) {
  return (
    <dl class="facts">
      <Fact name={words.value.id} value={String(user.id)} />
      <Fact name={words.value.joined} value={time(user.date_joined)} />
      <Fact
        name={words.value.lastSeen}
        value={user.last_seen ? time(user.last_seen) : words.value.never}
      />
      {user.held > 0 && <Fact name={words.value.held} value={number(user.held)} />}
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

/** Frequent actions, and links to what else there is about the user. */
function CommonActions({ detail, onDone }: { detail: UserDetail; onDone: () => void }) {
  const { user } = detail;
  const name = encodeURIComponent(user.username);
  const toggle = async () => {
    if (await toggleActive(detail)) onDone();
  };
  return (
    <div class="actions">
      {canChangeBalance(user) && (
        <a class="button" href={`/admin/credits?to=${user.id}`}>
          {words.value.addTokens}
        </a>
      )}
      {canDisable(user) && (
        <button type="button" onClick={() => void toggle()}>
          {user.is_active ? words.value.disable : words.value.enable}
        </button>
      )}
      <a class="button quiet" href={`/admin/audit?target=${name}`}>
        {words.value.auditEntries}
      </a>
      {me.value?.staff_reads_chats && (
        <a class="button quiet" href={`/admin/chats?user=${name}`}>
          {words.value.chats}
        </a>
      )}
    </div>
  );
}

function InProgress({ holds }: { holds: UserDetail['holds'] }) {
  if (holds.length === 0) return null;
  return (
    <section class="page-section">
      <h2>{words.value.inProgress}</h2>
      <ul class="rows">
        {holds.map((it) => (
          <li key={it.id}>
            <span class="row-main">{it.model}</span>
            <span class="row-more">{words.value.heldSince(it.tokens, time(it.created_at))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
