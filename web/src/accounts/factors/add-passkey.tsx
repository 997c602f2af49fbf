import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { AddedFactor } from '../../api/types.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { strings } from '../../strings/strings.ts';
import { Fault } from '../../ui/use-attempt.tsx';
import { createPasskey } from './passkey.ts';
import { passkeyFault } from './passkey-sign-in.ts';

/** Names a passkey and has the browser create it. */
export function AddPasskey(props: {
  readonly onAdded: (added: AddedFactor) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const text = factorsText.value;
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const add = async () => {
    const path = '/api/account/passkeys/';
    const { options } = await call<{ options: object }>('POST', `${path}options/`);
    const body = { name, passkey: await createPasskey(options) };
    await props.onAdded(await call<AddedFactor>('POST', path, body));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setFault('');
    add().catch((error: unknown) => setFault(passkeyFault(error)));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label>
        {text.passkeyName}
        <input
          required
          maxLength={60}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <Fault words={fault} />
      <div class="row">
        <button type="submit" class="primary">
          {text.create}
        </button>
        <button type="button" class="quiet" onClick={props.onCancel}>
          {strings.value.cancel}
        </button>
      </div>
    </form>
  );
}
