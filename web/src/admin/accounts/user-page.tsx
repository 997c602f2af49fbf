import { me } from '../../state/account.ts';
import { number, time } from '../../strings/strings.ts';
import { Statement } from '../credits/user-statement.tsx';
import type { AdminUser, UserDetail } from '../types.ts';
import { Chips } from '../ui/chips.tsx';
import { Heading, Nowhere } from '../ui/heading.tsx';
import { Failure, useOne } from '../ui/list.tsx';
import { words } from '../words/words.ts';
import { Access, AccountActions } from './user-access.tsx';
import { mayBookFor, mayShutOut, turnActive } from './user-actions.ts';
import { UserUse } from './user-usage.tsx';

/** One user, with everything that staff can see and do. */
export function UserPage({ id }: { id: string }) {
  const where = `/api/admin/users/${encodeURIComponent(id)}/`;
  const { it, fault, isMissing, reload } = useOne<UserDetail>(where);
  if (isMissing)
    return <Nowhere title={words.value.noSuchUser} text={words.value.noSuchUserText(id)} />;
  if (!it) return fault ? <Failure fault={fault} onRetry={reload} /> : <p aria-busy="true" />;
  const { user } = it;
  return (
    <>
      <header class="place-head">
        <Heading title={user.username}>
          <Chips user={user} />
        </Heading>
        <p class="ticket">
          <span class="offscreen">{words.value.balance}</span>
          <span class="ticket-number">{number(user.tokens)}</span>{' '}
          <span class="ticket-unit">{words.value.unit(user.tokens)}</span>
        </p>
      </header>
      {fault !== undefined && <Failure fault={fault} onRetry={reload} />}
      <Facts user={user} />
      <EverydayActions detail={it} onDone={reload} />
      <BeingWritten holds={it.holds} />
      <UserUse where={where} />
      <Statement user={user} where={where} onRefund={reload} />
      <Access detail={it} onDone={reload} />
      <AccountActions detail={it} where={where} onDone={reload} />
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

/** What is done often, and where to look further. */
function EverydayActions({ detail, onDone }: { detail: UserDetail; onDone: () => void }) {
  const { user } = detail;
  const name = encodeURIComponent(user.username);
  const turn = async () => {
    if (await turnActive(detail)) onDone();
  };
  return (
    <div class="actions">
      {mayBookFor(user) && (
        <a class="button" href={`/admin/credits?to=${user.id}`}>
          {words.value.grant}
        </a>
      )}
      {mayShutOut(user) && (
        <button type="button" onClick={() => void turn()}>
          {user.is_active ? words.value.disable : words.value.enable}
        </button>
      )}
      <a class="button quiet" href={`/admin/audit?target=${name}`}>
        {words.value.auditOf}
      </a>
      {me.value?.staff_reads_chats && (
        <a class="button quiet" href={`/admin/chats?user=${name}`}>
          {words.value.chats}
        </a>
      )}
    </div>
  );
}

function BeingWritten({ holds }: { holds: UserDetail['holds'] }) {
  if (holds.length === 0) return null;
  return (
    <section class="place-section">
      <h2>{words.value.open}</h2>
      <ul class="rows">
        {holds.map((it) => (
          <li key={it.id}>
            <span class="row-main">{it.model}</span>
            <span class="row-more">
              {words.value.heldSince(number(it.tokens), time(it.created_at))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
