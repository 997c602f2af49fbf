/** Asks for a proof of who the user is, over whatever is shown. */
import { render } from 'preact';
import type { ProofMethod } from '../../../../src/http/framework/error-schema.ts';
import { call, prove } from '../../api/client.ts';
import { atSessionEnd } from '../../state/account.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { strings } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ProveByProvider } from '../prove-by-provider.tsx';
import { ProofForm } from './proof-form.tsx';

let withdraw: (() => void) | undefined;
// It does not outlive the session that it is about.
atSessionEnd(() => withdraw?.());

/**
 * Asks the user for a proof.
 * @param methods what the server takes
 * @returns false if the user does not give one
 */
export function askForProof(methods: readonly ProofMethod[]): Promise<boolean> {
  const place = document.body.appendChild(document.createElement('div'));
  return new Promise<boolean>((resolve) => {
    withdraw = () => resolve(false);
    render(<ProofDialog methods={methods} onEnd={resolve} />, place);
  }).finally(() => {
    withdraw = undefined;
    render(null, place);
    place.remove();
  });
}

function ProofDialog(props: {
  readonly methods: readonly ProofMethod[];
  readonly onEnd: (isProved: boolean) => void;
}) {
  const { methods, onEnd } = props;
  const { proof: text } = factorsText.value;
  if (methods.includes('provider') && methods.length === 1) {
    return (
      <Dialog title={text.title} onClose={() => onEnd(false)}>
        <ProveByProvider />
      </Dialog>
    );
  }
  return (
    <Dialog title={text.title} onClose={() => onEnd(false)}>
      <p>{text.text}</p>
      <ProofForm
        methods={methods}
        label={text.confirm}
        give={async (given) => {
          await prove(given);
          onEnd(true);
        }}
        passkeyOptions={async () =>
          (await call<{ options: object }>('POST', '/api/account/proof/passkey/')).options
        }
        cancel={[strings.value.cancel, () => onEnd(false)]}
      />
    </Dialog>
  );
}
