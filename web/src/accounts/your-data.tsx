import { useState } from 'preact/hooks';
import { download } from '../api/download.ts';
import { me } from '../state/account.ts';
import { overText } from '../strings/over/over.ts';
import { strings } from '../strings/strings.ts';
import { Fault, useAttempt } from '../ui/use-attempt.tsx';

/** All that is stored about the user, as an archive or as one document. */
export function YourData() {
  const text = overText.value.data;
  const [isBusy, setBusy] = useState(false);
  const { fault, attempt } = useAttempt();
  const name = me.value?.username ?? '';
  const save = async (address: string, file: string) => {
    setBusy(true);
    await attempt(() => download(address, file));
    setBusy(false);
  };
  return (
    <section>
      <h2>{strings.value.yourData}</h2>
      <p>{text.what}</p>
      <Fault words={fault} />
      <div class="row">
        <button
          type="button"
          disabled={isBusy}
          onClick={() => void save('/api/account/archive/', `${name}.zip`)}
        >
          {text.archive}
        </button>
        <button
          type="button"
          class="quiet"
          disabled={isBusy}
          onClick={() => void save('/api/account/export/', `${name}.json`)}
        >
          {text.json}
        </button>
        {isBusy && <span role="status">{text.busy}</span>}
      </div>
    </section>
  );
}
