import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { number, strings, time } from '../../strings/strings.ts';
import type { DeploymentPreview, DeploymentState } from '../types.ts';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { hideToast, runAction, showError } from '../ui/toast.tsx';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** More rows would only make the page slow. */
const MAX_ROWS_SHOWN = 200;

/**
 * `chit.json`: when it was read, the limits and aliases in force, and for superusers what it would
 * change and a button that puts it in force.
 */
export function ConfigurationFile({ onApplied }: { onApplied: () => void }) {
  const resource = useResource<DeploymentState>('/api/admin/deployment/');
  const reload = () => {
    resource.reload();
    onApplied();
  };
  return (
    <Loaded resource={resource}>
      {(state) => (
        <>
          <section class="page-section">
            <h2>{words.value.configurationFile}</h2>
            <p>
              {state.file === null
                ? words.value.noFile(time(state.read_at))
                : words.value.fileReadAt(state.file, time(state.read_at))}
            </p>
            {state.refusal && (
              <Faults
                text={words.value.rereadRefused(time(state.refusal.at))}
                faults={state.refusal.faults}
              />
            )}
            {me.value?.is_superuser && <Reread onApplied={reload} />}
          </section>
          <Limits limits={state.limits} />
          {state.aliases.length > 0 && <Aliases aliases={state.aliases} />}
        </>
      )}
    </Loaded>
  );
}

/** The sentences are those that the log has, in English. */
function Faults({ text, faults }: { text: string; faults: readonly string[] }) {
  return (
    <div class="fault" role="alert">
      <p>{text}</p>
      <ul lang="en">
        {faults.map((it) => (
          <li key={it}>{it}</li>
        ))}
      </ul>
    </div>
  );
}

/** Shows what the file would change, then has it read again. */
function Reread({ onApplied }: { onApplied: () => void }) {
  const [preview, setPreview] = useState<DeploymentPreview>();
  const [isBusy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    try {
      setPreview(await call<DeploymentPreview>('GET', '/api/admin/deployment/preview/'));
      hideToast();
    } catch (error) {
      showError(errorMessage(error));
    }
    setBusy(false);
  };
  const apply = async (revision: string) => {
    setBusy(true);
    await runAction(
      () => call('POST', '/api/admin/deployment/reread/', { revision }),
      words.value.fileApplied,
    );
    // A file that was refused may have been changed meanwhile.
    setPreview(undefined);
    setBusy(false);
    onApplied();
  };
  const revision = preview?.revision ?? null;
  return (
    <>
      {preview && preview.faults.length > 0 && (
        <Faults text={words.value.fileFaults(preview.faults.length)} faults={preview.faults} />
      )}
      {preview && preview.faults.length === 0 && <Changes changes={preview.changes} />}
      <div class="row">
        {revision !== null && (preview?.changes.length ?? 0) > 0 && (
          <button
            type="button"
            class="primary"
            disabled={isBusy}
            onClick={() => void apply(revision)}
          >
            {words.value.applyFile}
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={() => void check()}>
          {words.value.checkFile}
        </button>
      </div>
    </>
  );
}

function Changes({ changes }: { changes: DeploymentPreview['changes'] }) {
  if (changes.length === 0) return <p role="status">{words.value.fileUnchanged}</p>;
  return (
    <>
      <p role="status">{words.value.fileChanges(changes.length)}</p>
      <TableFrame name={words.value.change}>
        <table class="data stacks">
          <thead>
            <tr>
              <Headings names={[words.value.entry, words.value.before, words.value.after]} />
            </tr>
          </thead>
          <tbody>
            {changes.slice(0, MAX_ROWS_SHOWN).map(({ member, before, after }) => (
              <tr key={member}>
                <td class="wide">
                  <code>{member}</code>
                </td>
                <td class="long-text" data-name={words.value.before}>
                  {before ?? words.value.none}
                </td>
                <td class="long-text" data-name={words.value.after}>
                  {after ?? words.value.none}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

type Limit = DeploymentState['limits'][number];

function Limits({ limits }: { limits: readonly Limit[] }) {
  return (
    <section class="page-section">
      <h2>{words.value.rateLimits}</h2>
      <TableFrame name={words.value.rateLimits}>
        <table class="data stacks">
          <thead>
            <tr>
              <Headings names={[words.value.limit, words.value.value, words.value.source]} />
            </tr>
          </thead>
          <tbody>
            {limits.map((it) => (
              <tr key={`${it.scope} ${it.limit}`}>
                <td class="wide">
                  {words.value.limitNames[it.limit]}, {words.value.limitScopes[it.scope]}
                </td>
                <td data-name={words.value.value}>
                  {it.value === 0 ? words.value.unlimited : number(it.value)}
                </td>
                <td data-name={words.value.source}>
                  <LimitSource limit={it} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

function LimitSource({ limit: { source, limit } }: { limit: Limit }) {
  if (source === 'setting') return <code>CHIT_{limit.toUpperCase()}</code>;
  return words.value.limitSources[source];
}

function Aliases({ aliases }: { aliases: DeploymentState['aliases'] }) {
  return (
    <section class="page-section">
      <h2>{words.value.aliases}</h2>
      <ul class="rows">
        {aliases.map(({ alias, model }) => (
          <li key={alias}>
            <span class="row-main">{alias}</span>
            <span class="row-more">
              {strings.value.model}: {model}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
