import { useEffect, useState } from 'preact/hooks';
import type { ParamsOf, ProofMethod } from '../../../src/http/framework/error-schema.ts';
import { ask, hasCode } from '../api/client.ts';
import { leaveForProvider, signInProof } from '../state/provider-sign-in.ts';
import { factorsText } from '../strings/factors/factors.ts';
import { signInText } from '../strings/sign-in/texts.ts';
import { errorText, strings } from '../strings/strings.ts';
import { Fault } from '../ui/use-attempt.tsx';
import { ProofForm } from './factors/proof-form.tsx';

/** The page to which a provider leads back whoever has to prove that an account is theirs. */
export function ProveAccountPage() {
  const { value: proof } = signInProof;
  return <main class="sign-in">{proof && <ProveAccount {...proof} />}</main>;
}

/**
 * Asks whoever a provider has named for a proof that the account with their address is theirs. With
 * it they are led to the provider once more, which then signs in to that account.
 */
function ProveAccount({ provider, ticket }: { provider: string; ticket: string }) {
  const text = signInText.value;
  const path = `/api/sign-in/${provider}/account/`;
  const [methods, setMethods] = useState<readonly ProofMethod[]>([]);
  const [fault, setFault] = useState('');
  const leave = () => {
    signInProof.value = undefined;
  };
  useEffect(() => {
    ask(path, { ticket }).catch((error: unknown) => {
      if (!hasCode(error, 'proof_required')) return setFault(errorText(error));
      setMethods((error.params as ParamsOf<'proof_required'>).methods);
    });
  }, [path, ticket]);
  return (
    <div class="second-step">
      <h1>{strings.value.appName}</h1>
      <p>{text.unproven}</p>
      <Fault words={fault} />
      {methods.length > 0 ? (
        <ProofForm
          methods={methods}
          label={factorsText.value.second.goOn}
          give={async (given) => {
            await ask(path, { ticket, ...given });
            leaveForProvider(provider);
          }}
          passkeyOptions={async () =>
            (await ask<{ options: object }>(`${path}passkey/`, { ticket })).options
          }
          cancel={[factorsText.value.second.back, leave]}
        />
      ) : (
        <button type="button" class="quiet" onClick={leave}>
          {factorsText.value.second.back}
        </button>
      )}
    </div>
  );
}
