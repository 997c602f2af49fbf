import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { NewSecret, Webhooks } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { WebhookForm, type WebhookWish } from './webhook-form.tsx';

const WEBHOOKS = '/api/admin/webhooks/';

/** All webhooks, and a form for a new one. */
export function WebhooksPage() {
  const resource = useResource<Webhooks>(WEBHOOKS);
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<NewSecret>();
  const text = words.value;
  const make = async (wish: WebhookWish) => {
    const isMade = await runAction(async () => {
      setMade(await call<NewSecret>('POST', WEBHOOKS, wish));
    }, text.webhookCreated);
    if (!isMade) return;
    setOpen(false);
    resource.reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={text.webhooks} />
        <button
          type="button"
          class="primary"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {text.webhookNew}
        </button>
      </header>
      <p class="hint">{text.webhooksText}</p>
      {made && <FreshSecret secret={made.secret} />}
      <Loaded resource={resource}>
        {(list) => (
          <>
            {isOpen && (
              <section class="page-section">
                <WebhookForm list={list} label={text.webhookCreate} onSubmit={make} />
              </section>
            )}
            {(!isOpen || list.webhooks.length > 0) && <List list={list} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** A secret that is shown once. */
export function FreshSecret({ secret }: { secret: string }) {
  return (
    <div class="fresh-key" role="status">
      <p>{words.value.webhookSecret}</p>
      <code>{secret}</code>
      <CopyButton text={secret} />
    </div>
  );
}

function List({ list: { webhooks } }: { list: Webhooks }) {
  const text = words.value;
  if (webhooks.length === 0) return <p class="empty">{text.webhookNone}</p>;
  return (
    <TableFrame name={text.webhooks}>
      <table class="data stacks">
        <thead>
          <tr>
            <Headings
              names={[text.webhookName, text.webhookUrl, text.webhookKinds, text.webhookState]}
            />
          </tr>
        </thead>
        <tbody>
          {webhooks.map(({ id, name, url, kinds, is_active: isActive, gone_since: gone }) => (
            <tr key={id}>
              <td class="wide">
                <a href={`/admin/webhooks/${id}`}>{name}</a>
              </td>
              <td class="long-text" data-name={text.webhookUrl}>
                {new URL(url).host}
              </td>
              <td class="long-text" data-name={text.webhookKinds}>
                {kinds.map((it) => text.eventKinds[it] ?? it).join(', ')}
              </td>
              <td data-name={text.webhookState}>
                {isActive ? text.webhookOn : gone === null ? text.webhookOff : text.webhookOffGone}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
