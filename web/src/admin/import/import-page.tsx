import { useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { isDefinite } from '../credits/send-once.ts';
import type { UserImport } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { hideToast, showError } from '../ui/toast.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';
import { CsvFields } from './csv-fields.tsx';
import { ImportDone, ImportPreview } from './import-result.tsx';

const ADDRESS = '/api/admin/users/import/';

/** What is sent, apart from whether it is a dry run. */
export interface ImportForm {
  readonly csv: string;
  readonly access: 'link' | 'password';
  readonly pools: boolean;
  readonly renew_access: boolean;
}

const EMPTY: ImportForm = { csv: '', access: 'link', pools: true, renew_access: false };

/** Imports users from a file: first what it would do, then exactly that. */
export function ImportPage() {
  const [form, setForm] = useState(EMPTY);
  const [seen, setSeen] = useState<UserImport>();
  const [done, setDone] = useState<UserImport>();
  const [isLost, setLost] = useState(false);
  const [isBusy, setBusy] = useState(false);
  // A ref, since a second click may come before the first is rendered.
  const sending = useRef(false);
  const send = async (more: object, then: (reply: UserImport) => void) => {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setLost(false);
    try {
      then(await call<UserImport>('POST', ADDRESS, { ...form, ...more }));
      hideToast();
    } catch (error) {
      setLost('expected' in more && !isDefinite(error));
      showError(errorMessage(error));
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  const check = () => send({ dry_run: true }, setSeen);
  const run = () => send({ expected: seen?.expected }, setDone);
  const again = () => {
    setForm(EMPTY);
    setSeen(undefined);
    setDone(undefined);
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.importUsers} />
      </header>
      {done ? (
        <ImportDone done={done} onAgain={again} />
      ) : seen ? (
        <ImportPreview
          seen={seen}
          isBusy={isBusy}
          isLost={isLost}
          onRun={() => void run()}
          onBack={() => setSeen(undefined)}
        />
      ) : (
        <FileForm form={form} isBusy={isBusy} onChange={setForm} onCheck={() => void check()} />
      )}
    </>
  );
}

function FileForm(props: {
  form: ImportForm;
  isBusy: boolean;
  onChange: (form: ImportForm) => void;
  onCheck: () => void;
}) {
  const { form, isBusy, onChange, onCheck } = props;
  return (
    <form
      class="stack wide-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onCheck();
      }}
    >
      <p class="hint">{words.value.importText}</p>
      <CsvFields
        csv={form.csv}
        example={words.value.importExample}
        onChange={(csv) => onChange({ ...form, csv })}
      />
      <label>
        {words.value.importAccess}
        <select
          value={form.access}
          onChange={(event) => {
            const access = event.currentTarget.value === 'password' ? 'password' : 'link';
            onChange({ ...form, access });
          }}
        >
          <option value="link">{words.value.importByLink}</option>
          <option value="password">{words.value.importByPassword}</option>
        </select>
      </label>
      <label class="check-label">
        <input
          type="checkbox"
          checked={form.renew_access}
          onChange={(event) => onChange({ ...form, renew_access: event.currentTarget.checked })}
        />
        {words.value.importRenew}
      </label>
      <label class="check-label">
        <input
          type="checkbox"
          checked={form.pools}
          onChange={(event) => onChange({ ...form, pools: event.currentTarget.checked })}
        />
        {words.value.importPools}
      </label>
      <button type="submit" class="primary" disabled={isBusy}>
        {words.value.importCheck}
      </button>
    </form>
  );
}
