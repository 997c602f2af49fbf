import type { ParamsOf } from '../../../../src/http/framework/error-schema.ts';
import { ask } from '../../api/client.ts';
import { signInAt } from '../../state/account.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { ProofForm } from './proof-form.tsx';

/** What the server answers to a right password of somebody who has a second factor. */
export type FirstStep = ParamsOf<'second_factor_required'>;

/** The second step of a sign-in. */
export function SecondStep(props: {
  readonly first: FirstStep;
  /** Begins the session; by default that of whoever is to be shown next. */
  readonly begin?: (path: string, body: object) => Promise<void>;
  readonly onDone: () => void;
  readonly onBack: () => void;
}) {
  const { methods, ticket } = props.first;
  const { begin = signInAt } = props;
  const { second: text } = factorsText.value;
  return (
    <>
      <p>{text.text}</p>
      <ProofForm
        methods={methods}
        label={text.goOn}
        give={async (given) => {
          await begin('/api/session/factor/', { ticket, ...given });
          props.onDone();
        }}
        passkeyOptions={async () => {
          const path = '/api/session/factor/passkey/';
          return (await ask<{ options: object }>(path, { ticket })).options;
        }}
        cancel={[text.back, props.onBack]}
      />
    </>
  );
}
