import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { AddedFactor } from '../../api/types.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { strings } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { CodeField } from './proof-form.tsx';

interface Begun {
  readonly secret: string;
  readonly uri: string;
  readonly ticket: string;
}

/** Sets an authenticator app up: a QR code, and the first code of the app. */
export function AddApp(props: {
  readonly onAdded: (added: AddedFactor) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const text = factorsText.value;
  const [begun, setBegun] = useState<Begun>();
  const [code, setCode] = useState('');
  const { fault, attempt } = useAttempt();
  useEffect(() => {
    void attempt(async () => setBegun(await call<Begun>('POST', '/api/account/totp/')));
  }, []);
  const confirm = (event: Event) => {
    event.preventDefault();
    const body = { ticket: begun?.ticket, code };
    void attempt(async () =>
      props.onAdded(await call<AddedFactor>('POST', '/api/account/totp/confirm/', body)),
    );
  };
  return (
    <form class="stack" onSubmit={confirm}>
      {begun && (
        <>
          <p>{text.scan}</p>
          <QrCode uri={begun.uri} />
          <p>
            {text.key}: <code class="secret">{inGroups(begun.secret)}</code>
          </p>
          <CopyButton text={begun.secret} />
          <CodeField isRecovery={false} label={text.codeShown} value={code} onInput={setCode} />
        </>
      )}
      <Fault words={fault} />
      <div class="row">
        {begun && (
          <button type="submit" class="primary">
            {text.turnOn}
          </button>
        )}
        <button type="button" class="quiet" onClick={props.onCancel}>
          {strings.value.cancel}
        </button>
      </div>
    </form>
  );
}

/** Drawn as one path: always dark on light, since not all cameras read it otherwise. */
function QrCode({ uri }: { uri: string }) {
  const [rows, setRows] = useState<readonly (readonly boolean[])[]>();
  useEffect(() => {
    // Without it the key is typed by hand.
    const drawn = import('uqr').then(({ encode }) => encode(uri, { border: 4 }).data);
    drawn.then(setRows, () => undefined);
  }, [uri]);
  if (!rows) return null;
  const squares = rows.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return (
    <svg
      class="qr-code"
      role="img"
      aria-label={factorsText.value.qr}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={squares.join('')} fill="#000" />
    </svg>
  );
}

function inGroups(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, '$& ');
}
