import { call } from '../../api/client.ts';
import { query } from '../../state/router.ts';
import { number, time } from '../../strings/strings.ts';
import type { FailedMail, FailedMailList, MailState, ResentMail, TestedMail } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { apiQuery, countSet } from '../ui/filter-query.ts';
import { ChoiceFilter, Filters, FromDayFilter } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

const ADDRESS = '/api/admin/mail/';
const FAILED = `${ADDRESS}failed/`;
const FILTERS = ['kind', 'from'] as const;

/** How the mail of the site does, what was given up, and a button that tries it out. */
export function MailPage() {
  const resource = useResource<MailState>(ADDRESS);
  const { data, reload } = resource;
  const test = async () => {
    await runAction(
      () => call<TestedMail>('POST', `${ADDRESS}test/`),
      ({ email, answer }) => words.value.mailTested(email, answer),
    );
    reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.mail} />
        {data?.sends_mail && (
          <button
            type="button"
            class="primary"
            disabled={data.own_email === null}
            onClick={() => void test()}
          >
            {words.value.mailTest}
          </button>
        )}
      </header>
      <Loaded resource={resource}>{(state) => <State state={state} reload={reload} />}</Loaded>
    </>
  );
}

function State({ state, reload }: { state: MailState; reload: () => void }) {
  const text = words.value;
  if (!state.sends_mail) return <p class="notice">{text.mailOff}</p>;
  const { waiting, oldest_waiting_at: oldest } = state;
  const asked = String(apiQuery(query.value, FILTERS, '')).replace('from=', 'since=');
  return (
    <>
      <section class="page-section">
        <p>{text.mailSentBy(state.from ?? '', state.server ?? '')}</p>
        <p>{oldest === null ? text.mailNoneWaiting : text.mailWaiting(waiting, time(oldest))}</p>
        {state.own_email === null && <p class="hint">{text.mailNoAddress}</p>}
      </section>
      <Failed key={asked} asked={asked} onAgain={reload} />
    </>
  );
}

/** Mail that was given up. @param asked what of it, as a query */
function Failed({ asked, onAgain }: { asked: string; onAgain: () => void }) {
  const text = words.value;
  const pages = usePages<FailedMail>(`${FAILED}?${asked}`, 'mails');
  const { data: kinds } = useResource<FailedMailList>(`${FAILED}?limit=1`);
  const done = () => {
    pages.reload();
    onAgain();
  };
  const again = async (id: string) => {
    if (await runAction(() => call('POST', `${FAILED}${id}/retry/`), text.mailQueued)) done();
  };
  const all = async () => {
    const label = text.mailAgainAll;
    if (!(await confirmAction({ title: label, sentences: [text.mailAgainText], label }))) return;
    const body = Object.fromEntries(new URLSearchParams(asked));
    const isDone = await runAction(
      () => call<ResentMail>('POST', `${FAILED}retry/`, body),
      ({ queued, left }) => text.mailAllQueued(queued, left),
    );
    if (isDone) done();
  };
  const isEmpty = pages.data?.length === 0 && asked === '';
  return (
    <section class="page-section">
      <h2>{text.mailFailed}</h2>
      {!isEmpty && (
        <Filters set={countSet(query.value, FILTERS)}>
          <ChoiceFilter
            name="kind"
            label={text.mailKind}
            any={text.mailAnyKind}
            choices={(kinds?.kinds ?? []).map(({ kind, count }) => [
              kind,
              `${text.eventKinds[kind] ?? kind} (${number(count)})`,
            ])}
          />
          <FromDayFilter />
        </Filters>
      )}
      <Loaded resource={pages} empty={asked === '' ? text.mailNoneFailed : text.mailNoneFound}>
        {(mails) => (
          <>
            <div class="row">
              <button type="button" onClick={() => void all()}>
                {text.mailAgainAll}
              </button>
            </div>
            <TableFrame name={text.mailFailed}>
              <table class="data stacks">
                <thead>
                  <tr>
                    <Headings names={[text.mailKind, text.mailUser, text.mailWhy]} />
                    <Headings names={[text.deliveryAttempts]} isNumber />
                    <Headings names={[text.mailEnded, text.deliveryAgain]} />
                  </tr>
                </thead>
                <tbody>
                  {mails.map((it) => (
                    <Row key={it.id} mail={it} onAgain={() => void again(it.id)} />
                  ))}
                </tbody>
              </table>
            </TableFrame>
          </>
        )}
      </Loaded>
      <LoadMore pages={pages} />
    </section>
  );
}

function Row({ mail, onAgain }: { mail: FailedMail; onAgain: () => void }) {
  const text = words.value;
  const { kind, user, last_error: error, attempts, ended_at: ended, obstacle } = mail;
  return (
    <tr>
      <td class="wide">{text.eventKinds[kind] ?? kind}</td>
      <td data-name={text.mailUser}>
        {user && <a href={`/admin/users/${user.id}`}>{user.username}</a>}
      </td>
      <td class="long-text" data-name={text.mailWhy} lang="en">
        {error}
      </td>
      <td class="number" data-name={text.deliveryAttempts}>
        {number(attempts)}
      </td>
      <td data-name={text.mailEnded}>{ended && time(ended)}</td>
      <td>
        {obstacle === null ? (
          <button type="button" onClick={onAgain}>
            {text.deliveryAgain}
          </button>
        ) : (
          text.mailObstacles[obstacle]
        )}
      </td>
    </tr>
  );
}
