import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { me } from '../state/account.ts';
import { go } from '../state/router.ts';
import { number, signed, time } from '../strings/strings.ts';
import { Chart } from './chart.tsx';
import { confirmed } from './confirm.tsx';
import { LinkShown } from './link-shown.tsx';
import { attempt, ListState, More, notice, useList, useOne } from './list.tsx';
import { TableFrame } from './tables.tsx';
import type { Line, Link, UserDetail, UserUsage } from './types.ts';
import { Chips } from './users-page.tsx';
import { words } from './words.ts';

/** One user, with everything that staff can see and do. */
export function UserPage({ id }: { id: string }) {
  const where = `/api/admin/users/${encodeURIComponent(id)}/`;
  const { it, fault, reload } = useOne<UserDetail>(where);
  if (!it) {
    return fault ? (
      <p class="fault" role="alert">
        {fault}
      </p>
    ) : (
      <p aria-busy="true" />
    );
  }
  const { user } = it;
  return (
    <>
      <header class="place-head">
        <div class="place-name">
          <h1>{user.username}</h1>
          <Chips user={user} />
        </div>
        <span class="ticket">
          <span class="ticket-number">{number(user.tokens)}</span> {words.balance.toLowerCase()}
        </span>
      </header>
      <dl class="facts">
        <Fact name="Id" value={String(user.id)} />
        <Fact name={words.joined} value={time(user.date_joined)} />
        <Fact name={words.lastSeen} value={user.last_seen ? time(user.last_seen) : words.never} />
        <Fact name={words.held} value={number(user.held)} />
      </dl>
      <UserActions detail={it} where={where} onDone={reload} />
      <UserUse where={where} />
      <Statement where={where} mayRefund={mayBookFor(user)} onRefund={reload} />
      <Access detail={it} where={where} onDone={reload} />
    </>
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

/** Superusers are for superusers only to do something to. */
function mayBookFor({ is_superuser: isSuperuser }: UserDetail['user']): boolean {
  return me.value?.is_superuser === true || !isSuperuser;
}

interface Part {
  readonly detail: UserDetail;
  readonly where: string;
  readonly onDone: () => void;
}

function UserActions({ detail: { user }, where, onDone }: Part) {
  const [link, setLink] = useState<Link>();
  const isSelf = user.id === me.value?.id;
  const mayMakeStaff = me.value?.is_superuser === true && !isSelf;
  const mayBook = mayBookFor(user);
  const mayTouch = !isSelf && mayBook;
  const change = async (what: string, text: string, body: object) => {
    const answer = await confirmed({ title: what, text, hasReason: 'optional' });
    if (!answer) return;
    const reason = answer.reason === '' ? {} : { reason: answer.reason };
    if (await attempt(() => call('PATCH', where, { ...body, ...reason }))) onDone();
  };
  const flag = (what: string, body: object) => (
    <button
      type="button"
      onClick={() => void change(what, words.changeQuestion(what, user.username), body)}
    >
      {what}
    </button>
  );
  const makeLink = () => call<Link>('POST', `${where}password-link/`).then(setLink);
  return (
    <>
      <div class="actions">
        {mayBook && (
          <a class="button" href={`/admin/credits?to=${user.id}`}>
            {words.grant}
          </a>
        )}
        {mayTouch &&
          (user.is_active ? (
            <button
              type="button"
              onClick={() =>
                void change(words.disable, words.disableQuestion(user.username), {
                  is_active: false,
                })
              }
            >
              {words.disable}
            </button>
          ) : (
            flag(words.enable, { is_active: true })
          ))}
        {mayTouch && (
          <button type="button" onClick={() => void attempt(makeLink)}>
            {words.passwordLink}
          </button>
        )}
        {mayMakeStaff &&
          flag(user.is_staff ? words.unmakeStaff : words.makeStaff, { is_staff: !user.is_staff })}
        {mayMakeStaff &&
          flag(user.is_superuser ? words.unmakeSuperuser : words.makeSuperuser, {
            is_superuser: !user.is_superuser,
          })}
        {mayTouch && (
          <button type="button" class="bad" onClick={() => void removeUser(user, where)}>
            {words.deleteUser}
          </button>
        )}
      </div>
      {link && <LinkShown link={link} />}
    </>
  );
}

async function removeUser({ username }: UserDetail['user'], where: string): Promise<void> {
  const text = words.deleteQuestion(username);
  const about = { title: words.deleteUser, text, phrase: username } as const;
  const answer = await confirmed({ ...about, hasReason: 'optional' });
  if (!answer) return;
  const why = new URLSearchParams(answer.reason === '' ? {} : { reason: answer.reason });
  if (!(await attempt(() => call('DELETE', `${where}?${why}`)))) return;
  go('/admin/');
  notice.value = { text: words.deleted, isFault: false };
}

function UserUse({ where }: { where: string }) {
  const { it } = useOne<UserUsage>(`${where}usage/`);
  if (!it?.points.some(({ messages, failed }) => messages + failed > 0)) return null;
  const times = it.points.map(({ period }) => Date.parse(period) / 1000);
  const values = it.points.map(({ charged }) => charged);
  return (
    <section class="place-section">
      <h2>{words.use}</h2>
      <Chart title={words.charged} times={times} series={[{ label: words.charged, values }]} />
    </section>
  );
}

function Statement({
  where,
  mayRefund,
  onRefund,
}: {
  where: string;
  mayRefund: boolean;
  onRefund: () => void;
}) {
  const list = useList<Line>(`${where}history/`, 'results');
  const refund = async ({ id, amount }: Line) => {
    const text = words.refundQuestion(number(0 - amount));
    const answer = await confirmed({ title: words.refund, text, hasReason: 'required' });
    if (!answer) return;
    const body = { charge: id, reason: answer.reason };
    if (await attempt(() => call('POST', '/api/admin/refunds/', body), words.refunded)) {
      list.reload();
      onRefund();
    }
  };
  return (
    <section class="place-section">
      <h2>{words.statement}</h2>
      <ListState list={list} empty={words.noBookings}>
        <TableFrame name={words.statement}>
          <table class="data">
            <thead>
              <tr>
                <th>{words.when}</th>
                <th>{words.what}</th>
                <th>{words.by}</th>
                <th class="number">{words.amount}</th>
                <th class="number">{words.balance}</th>
                <th>
                  <span class="offscreen">{words.refund}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items?.map((it) => (
                <tr key={it.id}>
                  <td>{time(it.timestamp)}</td>
                  <td class="wide">{whatOf(it)}</td>
                  <td>{it.actor === 'system' ? '' : (it.actor_name ?? it.actor)}</td>
                  <td class="number">{signed(it.amount)}</td>
                  <td class="number">{number(it.balance_after)}</td>
                  <td class="row-actions">
                    {mayRefund && it.kind === 'charge' && it.amount < 0 && (
                      <button type="button" class="quiet" onClick={() => void refund(it)}>
                        {words.refund}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
        <More list={list} />
      </ListState>
    </section>
  );
}

function whatOf({ kind, model, reason }: Line): string {
  const name = words.kinds[kind as keyof typeof words.kinds] ?? kind;
  return [name, model ?? reason].filter(Boolean).join(' · ');
}

function Access({ detail: { holds, keys, sessions }, where, onDone }: Part) {
  const end = (path: string) => async () => {
    if (await attempt(() => call(path.includes('/keys/') ? 'DELETE' : 'POST', where + path))) {
      onDone();
    }
  };
  return (
    <>
      <section class="place-section">
        <h2>{words.open}</h2>
        {holds.length === 0 && <p class="empty">{words.nothingOpen}</p>}
        <ul class="rows">
          {holds.map((it) => (
            <li key={it.id}>
              <span class="row-main">{it.model}</span>
              <span class="row-more">
                {number(it.tokens)} · {time(it.created_at)}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section class="place-section">
        <h2>{words.keys}</h2>
        {keys.length === 0 && <p class="empty">{words.noKeys}</p>}
        <ul class="rows">
          {keys.map((it) => (
            <li key={it.id}>
              <span class="row-main">
                {it.name} <code>{it.prefix}…</code>
              </span>
              <span class="row-more">
                {number(it.spent)}
                {it.budget === null ? '' : ` / ${number(it.budget)}`}
              </span>
              <button type="button" onClick={end(`keys/${it.id}/`)}>
                {words.end}
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section class="place-section">
        <h2>{words.sessions}</h2>
        {sessions.length === 0 && <p class="empty">{words.noSessions}</p>}
        <ul class="rows">
          {sessions.map((it) => (
            <li key={it.id}>
              <span class="row-main">{time(it.created_at)}</span>
              <span class="row-more">
                {words.until} {time(it.expires_at)}
              </span>
            </li>
          ))}
        </ul>
        {sessions.length > 0 && (
          <button type="button" onClick={end('end-sessions/')}>
            {words.endSessions}
          </button>
        )}
      </section>
    </>
  );
}
