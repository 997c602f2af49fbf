/** Asks for a proof of who the user is, over whatever is shown. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import type { ProofMethod } from '../../../../src/http/framework/error-schema.ts';
import { prove } from '../../api/client.ts';
import { atSessionEnd, me } from '../../state/account.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { strings } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { PasswordField } from '../account-fields.tsx';
import { ProveByProvider } from '../prove-by-provider.tsx';

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
  const [password, setPassword] = useState('');
  const { fault, attempt } = useAttempt();
  const confirm = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => prove({ password }))) onEnd(true);
  };
  if (!methods.includes('password')) {
    return (
      <Dialog title={text.title} onClose={() => onEnd(false)}>
        <ProveByProvider />
      </Dialog>
    );
  }
  return (
    <Dialog title={text.title} onClose={() => onEnd(false)}>
      <form class="stack" onSubmit={(event) => void confirm(event)}>
        <p>{text.text}</p>
        <input type="hidden" autoComplete="username" value={me.value?.username} />
        <PasswordField isNew={false} value={password} onInput={setPassword} />
        <Fault words={fault} />
        <div class="row">
          <button type="submit" class="primary">
            {text.confirm}
          </button>
          <button type="button" onClick={() => onEnd(false)}>
            {strings.value.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
