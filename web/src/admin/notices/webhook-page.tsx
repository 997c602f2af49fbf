import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go } from '../../state/router.ts';
import { number, strings, time } from '../../strings/strings.ts';
import type { Delivery, NewSecret, Webhook, Webhooks } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { NotFoundPage, PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, type PagedResource, usePages, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { WebhookForm, type WebhookWish } from './webhook-form.tsx';
import { FreshSecret } from './webhooks-page.tsx';

/** How often the list is loaded again while something waits that is due. */
const ASK_EVERY_MS = 2_000;

/** One webhook: what it is for, its secret, and what was sent to it. */
export function WebhookPage({ id }: { id: string }) {
  const resource = useResource<Webhooks>('/api/admin/webhooks/');
  const text = words.value;
  return (
    <Loaded resource={resource}>
      {(list) => {
        const webhook = list.webhooks.find((it) => it.id === id);
        if (!webhook) return <NotFoundPage title={text.pageNotFound} text={text.webhookGone} />;
        return <Details list={list} webhook={webhook} reload={resource.reload} />;
      }}
    </Loaded>
  );
}

function Details(props: {
  readonly list: Webhooks;
  readonly webhook: Webhook;
  readonly reload: () => void;
}) {
  const { list, webhook, reload } = props;
  const address = `/api/admin/webhooks/${webhook.id}/`;
  const text = words.value;
  const deliveries = usePages<Delivery>(`${address}deliveries/`, 'deliveries');
  const save = async (wish: WebhookWish) => {
    await runAction(() => call<void>('PUT', address, wish), text.webhookSaved);
    reload();
  };
  const test = async () => {
    await runAction(() => call('POST', `${address}test/`), text.webhookTested);
    deliveries.reload();
  };
  const remove = async () => {
    const question = {
      title: text.webhookDelete,
      sentences: [text.webhookDeleteText],
      label: text.webhookDelete,
      isDangerous: true,
    };
    if (!(await confirmAction(question))) return;
    const isDone = await runAction(() => call<void>('DELETE', address), text.webhookDeleted);
    if (isDone) go('/admin/webhooks');
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={webhook.name}>
          <a href="/admin/webhooks">{text.webhookAll}</a>
        </PageHeading>
        <button type="button" class="primary" onClick={() => void test()}>
          {text.webhookTest}
        </button>
      </header>
      {webhook.gone_since !== null && (
        <p class="notice">{text.webhookTurnedOff(time(webhook.gone_since))}</p>
      )}
      <Deliveries address={`${address}deliveries/`} pages={deliveries} />
      <section class="page-section">
        <WebhookForm list={list} webhook={webhook} label={strings.value.save} onSubmit={save} />
      </section>
      <Secret address={`${address}secret/`} webhook={webhook} reload={reload} />
      <section class="page-section">
        <button type="button" class="danger" onClick={() => void remove()}>
          {text.webhookDelete}
        </button>
      </section>
    </>
  );
}

function Secret(props: {
  readonly address: string;
  readonly webhook: Webhook;
  readonly reload: () => void;
}) {
  const { address, webhook, reload } = props;
  const text = words.value;
  const [made, setMade] = useState<NewSecret>();
  const renew = async () => {
    const isRenewed = await runAction(async () => {
      setMade(await call<NewSecret>('POST', address));
    });
    if (isRenewed) reload();
  };
  const { earlier_secret_until: until } = webhook;
  const isEarlierUsed = until !== null && new Date(until) > new Date();
  return (
    <section class="page-section">
      {made && <FreshSecret secret={made.secret} />}
      <p class="hint">
        {text.webhookRenewText} {isEarlierUsed && text.webhookEarlier(time(until))}
      </p>
      <button type="button" onClick={() => void renew()}>
        {text.webhookRenew}
      </button>
    </section>
  );
}

function Deliveries({ address, pages }: { address: string; pages: PagedResource<Delivery> }) {
  const text = words.value;
  const { data, reload } = pages;
  const isDue = data?.some(({ next_at: next }) => next !== null && new Date(next) <= new Date());
  useEffect(() => {
    if (!isDue) return;
    const timer = setTimeout(reload, ASK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [data]);
  const again = async (id: string) => {
    await runAction(() => call('POST', `${address}${id}/retry/`), text.deliveryQueued);
    reload();
  };
  return (
    <section class="page-section">
      <h2>{text.deliveries}</h2>
      <Loaded resource={pages} empty={text.deliveryNone}>
        {(deliveries) => (
          <TableFrame name={text.deliveries}>
            <table class="data stacks">
              <thead>
                <tr>
                  <Headings names={[text.deliveryKind, text.webhookState, text.deliveryAnswer]} />
                  <Headings names={[text.deliveryAttempts]} isNumber />
                  <Headings names={[text.deliveryWhen, text.deliveryAgain]} />
                </tr>
              </thead>
              <tbody>
                {deliveries.map((it) => (
                  <Row key={it.id} delivery={it} onAgain={() => void again(it.id)} />
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </Loaded>
      <LoadMore pages={pages} />
    </section>
  );
}

function Row({ delivery, onAgain }: { delivery: Delivery; onAgain: () => void }) {
  const text = words.value;
  const { kind, state, attempts, last_status: status, last_error: error } = delivery;
  const { next_at: next, created_at: created } = delivery;
  return (
    <tr>
      <td class="wide">{text.eventKinds[kind] ?? kind}</td>
      <td data-name={text.webhookState}>
        <span>
          {text.deliveryStates[state]}
          {next !== null && attempts > 0 && ` · ${text.deliveryNext(time(next))}`}
        </span>
      </td>
      <td class="long-text" data-name={text.deliveryAnswer}>
        {error === null ? status : <span lang="en">{error}</span>}
      </td>
      <td class="number" data-name={text.deliveryAttempts}>
        {number(attempts)}
      </td>
      <td data-name={text.deliveryWhen}>{time(created)}</td>
      <td>
        {state !== 'waiting' && (
          <button type="button" onClick={onAgain}>
            {text.deliveryAgain}
          </button>
        )}
      </td>
    </tr>
  );
}
