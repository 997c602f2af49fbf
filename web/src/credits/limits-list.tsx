import type { Limits } from '../api/types.ts';
import type { Limit, LimitKind, PayingAccount } from '../state/machines/payers.ts';
import { momentText, number, strings } from '../strings/strings.ts';

/** Accounts that may pay, and limits: what is left of each and when it renews. */
export function LimitsList(props: {
  limits: Limits;
  names: Readonly<Record<LimitKind, string>>;
  /** What the account without a group is called. */
  personal: string;
  hasKeys: boolean;
}) {
  const { limits, names, personal, hasKeys } = props;
  const { accounts } = limits;
  const general = limits.limits.filter((it) => it.account === null && it.kind !== 'key');
  const ofKeys = hasKeys ? limits.limits.filter((it) => it.kind === 'key') : [];
  const nameOf = ({ kind, key }: Limit) => (key ? strings.value.limits.key(key.name) : names[kind]);
  return (
    <ul class="limits">
      {accounts.map((it) => (
        <Account
          key={it.id}
          account={it}
          name={it.name ?? personal}
          isFirst={accounts.length > 1 && it.id === limits.payer}
          limits={limits.limits.filter(({ account }) => account === it.id)}
          names={names}
        />
      ))}
      {[...general, ...ofKeys].map((it) => (
        <Line key={`${it.id} ${it.account}`} limit={it} name={nameOf(it)} />
      ))}
    </ul>
  );
}

function Account(props: {
  account: PayingAccount;
  name: string;
  isFirst: boolean;
  limits: readonly Limit[];
  names: Readonly<Record<LimitKind, string>>;
}) {
  const { account, name, isFirst, limits, names } = props;
  const { plan, renews_at: renewsAt, held, expiring } = account;
  const text = strings.value.limits;
  const timeZone = plan?.window.time_zone;
  const about = [
    ...(plan ? [text.plan(plan.name, number(plan.tokens), plan.window)] : []),
    ...(renewsAt === null ? [] : [text.renews(momentText(renewsAt, timeZone))]),
    ...(renewsAt !== null && expiring > 0 ? [text.expiring(number(expiring))] : []),
    ...(plan?.ends_at ? [endingText(plan)] : []),
    ...(held > 0 ? [text.held(number(held))] : []),
  ];
  return (
    <li class="limit-account">
      <span class="limit-name">{name}</span>
      <span class="limit-left">{text.left(number(account.available))}</span>
      {isFirst && <span class="limit-first">{text.paysFirst}</span>}
      {about.length > 0 && <span class="limit-about">{about.join(' · ')}</span>}
      {limits.length > 0 && (
        <ul>
          {limits.map((it) => (
            <Line key={it.id} limit={it} name={names[it.kind]} />
          ))}
        </ul>
      )}
    </li>
  );
}

function endingText({ next, ends_at: endsAt, window }: NonNullable<PayingAccount['plan']>) {
  const text = strings.value.limits;
  const when = momentText(endsAt ?? '', window.time_zone);
  return next === null ? text.planEnds(when) : text.nextPlan(next, when);
}

function Line({ limit, name }: { limit: Limit; name: string }) {
  const { spent, held, left, window, renews_at: renewsAt } = limit;
  const text = strings.value.limits;
  const about = [
    text.usedOf(number(spent), number(limit.limit), window),
    ...(held > 0 ? [text.held(number(held))] : []),
    ...(renewsAt === null ? [] : [text.renews(momentText(renewsAt, window.time_zone))]),
  ];
  const used = limit.limit === 0 ? 1 : Math.min(1, (spent + held) / limit.limit);
  return (
    <li class={left === 0 ? 'limit-line out' : 'limit-line'}>
      <span class="limit-name">{name}</span>
      <span class="limit-left">{text.left(number(left))}</span>
      <span class="limit-bar" aria-hidden="true">
        <span style={{ width: `${used * 100}%` }} />
      </span>
      <span class="limit-about">{about.join(' · ')}</span>
    </li>
  );
}
