/** Asks for one of what a user can prove who they are with. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProofMethod } from '../../../../src/http/framework/error-schema.ts';
import { me } from '../../state/account.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { Fault } from '../../ui/use-attempt.tsx';
import { PasswordField } from '../account-fields.tsx';
import { usePasskey } from './passkey.ts';
import { passkeyFault } from './passkey-sign-in.ts';

/** What the user gave. */
export type Given = { password: string } | { code: string } | { passkey: object };

/** The fields and buttons of a proof, without a frame. */
export function ProofForm(props: {
  readonly methods: readonly ProofMethod[];
  /** The name of the button that sends a password or code. */
  readonly label: string;
  readonly give: (given: Given) => Promise<void>;
  /** Asks the server for the options of a passkey. */
  readonly passkeyOptions: () => Promise<object>;
  /** The name of the other way out, and the way. */
  readonly cancel: readonly [label: string, leave: () => void];
}) {
  const { methods, label, give, passkeyOptions, cancel } = props;
  const text = factorsText.value;
  const has = (method: ProofMethod) => methods.includes(method);
  const [typed, setTyped] = useState('');
  const [isRecovery, setRecovery] = useState(!has('code'));
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isTyped = has('password') || has('code') || has('recovery_code');
  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setFault('');
    await action().catch((error: unknown) => setFault(passkeyFault(error)));
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const given = has('password') ? { password: typed } : { code: typed };
    void attempt(() => give(given));
  };
  const withPasskey = () =>
    attempt(async () => give({ passkey: await usePasskey(await passkeyOptions()) }));
  return (
    <form class="stack" onSubmit={submit}>
      {has('passkey') && (
        <button type="button" disabled={isBusy} onClick={() => void withPasskey()}>
          {text.usePasskey}
        </button>
      )}
      {has('password') ? (
        <>
          <input type="hidden" autoComplete="username" value={me.value?.username} />
          <PasswordField isNew={false} value={typed} onInput={setTyped} />
        </>
      ) : (
        isTyped && <CodeField isRecovery={isRecovery} value={typed} onInput={setTyped} />
      )}
      <Fault words={fault} />
      <div class="row">
        {isTyped && (
          <button type="submit" class="primary" disabled={isBusy}>
            {label}
          </button>
        )}
        {has('code') && has('recovery_code') && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setTyped('');
              setRecovery(!isRecovery);
            }}
          >
            {isRecovery ? text.insteadCode : text.insteadRecovery}
          </button>
        )}
        <button type="button" class="quiet" onClick={cancel[1]}>
          {cancel[0]}
        </button>
      </div>
    </form>
  );
}

/** A field for a code of an authenticator app, or for a recovery code. */
export function CodeField(props: {
  readonly isRecovery: boolean;
  readonly label?: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}) {
  const { isRecovery, value, onInput } = props;
  const text = factorsText.value;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [isRecovery]);
  return (
    <label>
      {props.label ?? (isRecovery ? text.recoveryCode : text.code)}
      <input
        ref={field}
        autoComplete={isRecovery ? 'off' : 'one-time-code'}
        autoCapitalize={isRecovery ? 'characters' : 'none'}
        inputMode={isRecovery ? 'text' : 'numeric'}
        spellcheck={false}
        maxLength={40}
        required
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
