import { useState } from 'preact/hooks';
import type { Webhook, Webhooks } from '../types.ts';
import { words } from '../words/words.ts';

/** What is sent to make or change a webhook. */
export interface WebhookWish {
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly string[];
  readonly is_active: boolean;
}

/** The fields of a webhook. */
export function WebhookForm(props: {
  readonly list: Pick<Webhooks, 'kinds' | 'allows_private'>;
  /** The one that is changed; undefined for a new one. */
  readonly webhook?: Webhook;
  readonly label: string;
  readonly onSubmit: (wish: WebhookWish) => Promise<void>;
}) {
  const { list, webhook, label, onSubmit } = props;
  const text = words.value;
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [kinds, setKinds] = useState<readonly string[]>(webhook?.kinds ?? list.kinds);
  const [isActive, setActive] = useState(webhook?.is_active ?? true);
  const submit = (event: Event) => {
    event.preventDefault();
    void onSubmit({ name, url, kinds, is_active: isActive });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label>
        {text.webhookName}
        <input
          required
          maxLength={60}
          autoComplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        {text.webhookUrl}
        <input
          type="url"
          required
          maxLength={2_000}
          autoComplete="off"
          value={url}
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
        <span class="hint">
          {list.allows_private ? text.webhookUrlHintPrivate : text.webhookUrlHint}
        </span>
      </label>
      <fieldset class="stack">
        <legend>{text.webhookKinds}</legend>
        {list.kinds.map((kind) => (
          <label key={kind} class="check-label">
            <input
              type="checkbox"
              checked={kinds.includes(kind)}
              onChange={(event) =>
                setKinds(
                  event.currentTarget.checked
                    ? [...kinds, kind]
                    : kinds.filter((it) => it !== kind),
                )
              }
            />
            {text.eventKinds[kind] ?? kind}
          </label>
        ))}
      </fieldset>
      <label class="check-label">
        <input
          type="checkbox"
          checked={isActive}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
        {text.webhookIsOn}
      </label>
      <button type="submit" class="primary" disabled={kinds.length === 0}>
        {label}
      </button>
    </form>
  );
}
