import { call } from '../../api/client.ts';
import { number, time } from '../../strings/strings.ts';
import type { MailState } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

/** How the mail of the site does, and a button that tries it out. */
export function MailPage() {
  const resource = useResource<MailState>('/api/admin/mail/');
  const { data, reload } = resource;
  const test = async () => {
    await runAction(
      () => call<{ email: string }>('POST', '/api/admin/mail/test/'),
      ({ email }) => words.value.mailTested(email),
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
      <Loaded resource={resource}>{(state) => <State state={state} />}</Loaded>
    </>
  );
}

function State({ state }: { state: MailState }) {
  const text = words.value;
  if (!state.sends_mail) return <p class="notice">{text.mailOff}</p>;
  const { waiting, oldest_waiting_at: oldest, failed } = state;
  return (
    <>
      <section class="page-section">
        <p>{text.mailSentBy(state.from ?? '', state.server ?? '')}</p>
        <p>{oldest === null ? text.mailNoneWaiting : text.mailWaiting(waiting, time(oldest))}</p>
        {state.own_email === null && <p class="hint">{text.mailNoAddress}</p>}
      </section>
      <section class="page-section">
        <h2>{text.mailFailed}</h2>
        {failed.length === 0 ? (
          <p class="empty">{text.mailNoneFailed}</p>
        ) : (
          <TableFrame name={text.mailFailed}>
            <table class="data stacks">
              <thead>
                <tr>
                  <Headings names={[text.deliveryKind, text.mailWhy]} />
                  <Headings names={[text.deliveryAttempts]} isNumber />
                  <Headings names={[text.mailEnded]} />
                </tr>
              </thead>
              <tbody>
                {failed.map((it) => (
                  <tr key={it.id}>
                    <td class="wide">{text.eventKinds[it.kind] ?? it.kind}</td>
                    <td class="long-text" data-name={text.mailWhy} lang="en">
                      {it.last_error}
                    </td>
                    <td class="number" data-name={text.deliveryAttempts}>
                      {number(it.attempts)}
                    </td>
                    <td data-name={text.mailEnded}>{it.ended_at && time(it.ended_at)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </section>
    </>
  );
}
