/** Who is in a group, with what they used and have left; giving out the pool to them. */
import { useMemo, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { query } from '../../state/router.ts';
import { number, strings, time } from '../../strings/strings.ts';
import { type Selection, useSelection } from '../accounts/selection.ts';
import { sendOnce, type UnansweredKeys } from '../credits/send-once.ts';
import type { Group, GroupDetail, Member } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { useTypedQuery } from '../ui/filters.tsx';
import { Loaded, LoadMore, usePages, useReloadOn } from '../ui/resource.tsx';
import { SelectBox } from '../ui/select-box.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { limitText } from './group-limits.tsx';
import { inMemory, isStaff } from './place.ts';

interface MembersProps {
  readonly detail: GroupDetail;
  readonly address: string;
  readonly onChange: () => void;
}

/** The members, and what can be done with those who are selected. */
export function GroupMembers({ detail, address, onChange }: MembersProps) {
  const { text, setText } = useTypedQuery('q');
  const search = query.value.get('q') ?? '';
  const filter = search === '' ? '' : `?q=${encodeURIComponent(search)}`;
  // Loaded anew when the group was, since limits may have changed.
  const pages = usePages<Member>(`${address}members/${filter}`, 'members');
  useReloadOn(detail, pages);
  const selection = useSelection((pages.data ?? []).map(({ id }) => id));
  const selected = (pages.data ?? []).filter(({ id }) => selection.ids.has(id));
  const { pool } = detail.group;
  const hasPool = pool !== null;
  const isOpen = detail.group.ended_at === null;
  return (
    <section class="page-section">
      <h2>{words.value.groupMembers}</h2>
      <search class="filters">
        <input
          type="search"
          placeholder={words.value.groupSearchMembers}
          aria-label={words.value.groupSearchMembers}
          maxLength={50}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </search>
      <Loaded resource={pages} empty={words.value.groupNoMembers}>
        {(members) => (
          <>
            <MembersTable
              members={members}
              selection={selection}
              address={address}
              hasPool={hasPool}
              onChange={onChange}
            />
            <LoadMore pages={pages} />
          </>
        )}
      </Loaded>
      {selected.length > 0 && (
        <div
          class="selection-bar"
          role="toolbar"
          aria-label={words.value.selected(number(selected.length))}
        >
          <strong>{words.value.selected(number(selected.length))}</strong>
          {pool && <GiveForm members={selected} pool={pool} address={address} onGiven={onChange} />}
          {isStaff() && <RemoveButton members={selected} address={address} onDone={onChange} />}
          <button type="button" class="quiet" onClick={() => selection.set([])}>
            {words.value.clearSelection}
          </button>
        </div>
      )}
      {isStaff() && isOpen && <AddMembers address={address} onAdded={onChange} />}
    </section>
  );
}

function MembersTable(props: {
  members: readonly Member[];
  selection: Selection;
  address: string;
  hasPool: boolean;
  onChange: () => void;
}) {
  const { members, selection, address, hasPool, onChange } = props;
  const budgets = members[0]?.budgets ?? [];
  const isAll = members.every(({ id }) => selection.ids.has(id));
  return (
    <TableFrame name={words.value.groupMembers}>
      <table class="data">
        <thead>
          <tr>
            <th class="check">
              <SelectBox
                label={words.value.selectAll}
                checked={isAll}
                onChange={() => selection.set(isAll ? [] : members.map(({ id }) => id))}
              />
            </th>
            <th class="wide">{strings.value.username}</th>
            {hasPool && <th class="number">{words.value.groupThisMonth}</th>}
            {budgets.map((it) => (
              <th key={it.id} class="number">
                {limitText(it.limit, it)}
              </th>
            ))}
            {isStaff() && (
              <th class="row-actions">
                <span class="offscreen">{words.value.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {members.map((it) => (
            <tr key={it.id}>
              <td class="check">
                <SelectBox
                  label={words.value.select(it.username)}
                  checked={selection.ids.has(it.id)}
                  onChange={() => selection.toggle(it.id)}
                />
              </td>
              <td class="wide">
                <MemberName member={it} />
              </td>
              {hasPool && (
                <td class="number">{number(it.this_month.charged - it.this_month.refunded)}</td>
              )}
              {it.budgets.map((budget) => (
                <td key={budget.id} class="number">
                  <LimitCell member={it} budget={budget} address={address} onChange={onChange} />
                </td>
              ))}
              {isStaff() && (
                <td class="row-actions">
                  <RoleButton member={it} address={address} onDone={onChange} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function MemberName({ member: { id, username, is_manager, is_active } }: { member: Member }) {
  return (
    <span class="user-name">
      {isStaff() ? <a href={`/admin/users/${id}`}>{username}</a> : username}
      {is_manager && <span class="chip">{words.value.groupManager}</span>}
      {!is_active && <span class="chip off">{words.value.disabled}</span>}
    </span>
  );
}

/** What a member has used of a limit; the limit can be changed for this member alone. */
function LimitCell(props: {
  member: Member;
  budget: Member['budgets'][number];
  address: string;
  onChange: () => void;
}) {
  const { member, budget, address, onChange } = props;
  const [isChanging, setChanging] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('limit'));
    const body = { limit: text === '' ? null : Number(text) };
    const path = `${address}budgets/${budget.id}/members/${member.id}/`;
    if (!(await runAction(() => call('PUT', path, body), words.value.groupSaved))) return;
    setChanging(false);
    onChange();
  };
  if (isChanging) {
    return (
      <form class="row" onSubmit={(event) => void save(event)}>
        <input
          name="limit"
          inputMode="numeric"
          pattern="\d{0,15}"
          size={8}
          aria-label={words.value.groupLimitOwn(member.username)}
          title={words.value.groupLimitOwn(member.username)}
          defaultValue={budget.is_own ? String(budget.limit) : ''}
          placeholder={String(budget.limit)}
          autoComplete="off"
        />
        <button type="submit">{words.value.groupSave}</button>
      </form>
    );
  }
  const { renews_at: renewsAt } = budget;
  return (
    <button
      type="button"
      class="quiet"
      title={renewsAt === null ? undefined : words.value.groupLimitRenews(time(renewsAt))}
      aria-label={
        `${words.value.groupLimitUsed(budget.spent + budget.held, budget.limit)} ` +
        `${budget.is_own ? words.value.groupLimitIsOwn : ''}. ` +
        words.value.groupLimitChangeOf(member.username)
      }
      onClick={() => setChanging(true)}
    >
      {words.value.groupLimitUsed(budget.spent + budget.held, budget.limit)}
      {budget.is_own && <span class="chip">{words.value.groupLimitIsOwn}</span>}
    </button>
  );
}

function RoleButton(props: { member: Member; address: string; onDone: () => void }) {
  const { member, address, onDone } = props;
  const change = async () => {
    const body = { is_manager: !member.is_manager };
    const path = `${address}members/${member.id}/`;
    if (await runAction(() => call('PATCH', path, body), words.value.groupSaved)) onDone();
  };
  const { groupEndManager, groupMakeManager } = words.value;
  const label = member.is_manager ? groupEndManager : groupMakeManager;
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`${label}: ${member.username}`}
      onClick={() => void change()}
    >
      {label}
    </button>
  );
}

interface SelectedProps {
  readonly members: readonly Member[];
  readonly address: string;
}

function GiveForm({
  members,
  pool,
  address,
  onGiven,
}: SelectedProps & { pool: NonNullable<Group['pool']>; onGiven: () => void }) {
  const keys = useMemo(() => inMemory<UnansweredKeys>({}), [address]);
  const [isSending, setSending] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending) return;
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const tokens = Number(fields.get('tokens'));
    const list = {
      to: members.map(({ id }) => ({ id, tokens })),
      reason: String(fields.get('reason')),
    };
    setSending(true);
    const isDone = await runAction(
      () =>
        sendOnce(list, keys, (key) =>
          call('POST', `${address}give/`, list, { 'Idempotency-Key': key }),
        ),
      words.value.groupGiven(tokens * members.length, members.length),
    );
    setSending(false);
    if (!isDone) return;
    form.reset();
    onGiven();
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)}>
      <input
        name="tokens"
        required
        inputMode="numeric"
        pattern="[1-9]\d{0,14}"
        size={10}
        title={words.value.wholeNumber}
        aria-label={words.value.groupGiveEach}
        placeholder={words.value.groupGiveEach}
        autoComplete="off"
      />
      <input
        name="reason"
        required
        maxLength={500}
        aria-label={words.value.groupGiveReason}
        placeholder={words.value.groupGiveReason}
        title={words.value.reasonHint}
      />
      <button type="submit" class="primary" disabled={isSending}>
        {words.value.groupGive(members.length)}
      </button>
      <span class="hint">{words.value.groupToGive(pool.to_give, pool.expiring)}</span>
    </form>
  );
}

function RemoveButton({ members, address, onDone }: SelectedProps & { onDone: () => void }) {
  const remove = async () => {
    const answer = await confirmAction({
      title: words.value.groupRemoveTitle(members.length),
      sentences: [words.value.groupRemoveText],
      label: words.value.groupRemove,
      isDangerous: true,
    });
    if (!answer) return;
    const body = { ids: members.map(({ id }) => id) };
    const isDone = await runAction(
      () => call<{ removed: number }>('POST', `${address}members/remove/`, body),
      ({ removed }) => words.value.groupRemoved(removed),
    );
    if (isDone) onDone();
  };
  return (
    <button type="button" onClick={() => void remove()}>
      {words.value.groupRemove}
    </button>
  );
}

function AddMembers({ address, onAdded }: { address: string; onAdded: () => void }) {
  const [isManager, setManager] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const names = String(new FormData(form).get('names'))
      .split('\n')
      .map((it) => it.trim())
      .filter((it) => it !== '');
    const body = { users: names.map((username) => ({ username })), is_manager: isManager };
    const isDone = await runAction(
      () => call<{ added: number }>('POST', `${address}members/`, body),
      ({ added }) => words.value.groupAdded(added),
    );
    if (!isDone) return;
    form.reset();
    onAdded();
  };
  return (
    <details>
      <summary>{words.value.groupAddMembers}</summary>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          {words.value.groupAddText}
          <textarea name="names" rows={4} required />
        </label>
        <label class="check-label">
          <input
            type="checkbox"
            checked={isManager}
            onChange={(event) => setManager(event.currentTarget.checked)}
          />
          {words.value.groupAddAsManagers}
        </label>
        <button type="submit">{words.value.groupAddMembers}</button>
      </form>
    </details>
  );
}
