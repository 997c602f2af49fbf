/** Two-step sign-in, passkeys and recovery codes, on the account page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, replaceAccess } from '../../api/client.ts';
import type { AddedFactor, Factors } from '../../api/types.ts';
import { refreshAccount } from '../../state/account.ts';
import { dismissOwn } from '../../state/account-notices.ts';
import { factorsText } from '../../strings/factors/factors.ts';
import { strings, time } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { AddApp } from './add-app.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { OtherSessions } from './other-sessions.tsx';
import { ShownCodes } from './shown-codes.tsx';

/** Its notices are told to other browsers, not here. */
const KIND = 'factor.changed';

/** The factors of the user, and how to add and remove them. */
export function SecuritySection() {
  const text = factorsText.value;
  const [factors, setFactors] = useState<Factors>();
  const [adding, setAdding] = useState<'app' | 'passkey'>();
  const [removing, setRemoving] = useState<Removal>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [isAdded, setIsAdded] = useState(false);
  const { fault, attempt } = useAttempt();
  const load = async () => setFactors(await call<Factors>('GET', '/api/account/factors/'));
  useEffect(() => void attempt(load), []);
  if (!factors) return <Section fault={fault} />;
  const onAdded = async ({ recovery_codes: made, access }: AddedFactor) => {
    replaceAccess(access);
    setAdding(undefined);
    if (made) setCodes(made);
    setIsAdded(true);
    await Promise.all([load(), refreshAccount()]);
    void dismissOwn(KIND);
  };
  const remove = ({ path }: Removal) => {
    setRemoving(undefined);
    void attempt(async () => {
      await call('DELETE', path);
      await Promise.all([load(), refreshAccount()]);
      void dismissOwn(KIND);
    });
  };
  const renew = () =>
    attempt(async () => {
      const path = '/api/account/recovery-codes/';
      setCodes((await call<{ recovery_codes: string[] }>('POST', path)).recovery_codes);
      await load();
      void dismissOwn(KIND);
    });
  const { totp, passkeys } = factors;
  const hasAny = totp !== null || passkeys.length > 0;
  return (
    <Section fault={fault}>
      {factors.is_required && !hasAny && <p class="notice">{text.required}</p>}
      {!hasAny && <p>{text.none}</p>}
      {codes && <ShownCodes codes={codes} onKept={() => setCodes(undefined)} />}
      {isAdded && !codes && <OtherSessions onDone={() => setIsAdded(false)} />}
      {hasAny && (
        <ul class="rows">
          {totp && (
            <Row name={text.app} more={text.appSince(time(totp.created_at))}>
              <button type="button" onClick={() => setAdding('app')}>
                {text.replaceApp}
              </button>
              <Remove
                name={text.app}
                onClick={() => setRemoving({ name: text.app, path: '/api/account/totp/' })}
              />
            </Row>
          )}
          {passkeys.map(({ id, name, created_at: made, last_used_at: used }) => (
            <Row
              key={id}
              name={name}
              more={used === null ? text.neverUsed(time(made)) : text.lastUsed(time(used))}
            >
              <Remove
                name={name}
                onClick={() => setRemoving({ name, path: `/api/account/passkeys/${id}/` })}
              />
            </Row>
          ))}
          <Row name={text.codes} more={text.codesLeft(factors.recovery_codes)}>
            <button type="button" onClick={() => void renew()}>
              {text.renewCodes}
            </button>
          </Row>
        </ul>
      )}
      {adding === 'app' && <AddApp onAdded={onAdded} onCancel={() => setAdding(undefined)} />}
      {adding === 'passkey' && (
        <AddPasskey onAdded={onAdded} onCancel={() => setAdding(undefined)} />
      )}
      {adding === undefined && <Add factors={factors} onAdd={setAdding} />}
      {removing && (
        <RemovalDialog
          removal={removing}
          onConfirm={() => remove(removing)}
          onCancel={() => setRemoving(undefined)}
        />
      )}
      {!factors.has_passkeys && <p class="hint">{text.passkeyElsewhere}</p>}
    </Section>
  );
}

function Add(props: { factors: Factors; onAdd: (adding: 'app' | 'passkey') => void }) {
  const text = factorsText.value;
  const { factors, onAdd } = props;
  return (
    <div class="row">
      {factors.has_passkeys && (
        <button type="button" onClick={() => onAdd('passkey')}>
          {text.addPasskey}
        </button>
      )}
      {!factors.totp && (
        <button type="button" onClick={() => onAdd('app')}>
          {text.addApp}
        </button>
      )}
    </div>
  );
}

/** A factor that is about to be removed. */
interface Removal {
  readonly name: string;
  readonly path: string;
}

function RemovalDialog(props: {
  readonly removal: Removal;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}) {
  const { removal, onConfirm, onCancel } = props;
  const text = factorsText.value;
  return (
    <Dialog title={text.removeNamed(removal.name)} onClose={onCancel}>
      <p>{text.removeQuestion(removal.name)}</p>
      <div class="row">
        <button type="button" class="danger" onClick={onConfirm}>
          {text.remove}
        </button>
        <button type="button" onClick={onCancel}>
          {strings.value.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function Section({ fault, children }: { fault: string; children?: preact.ComponentChildren }) {
  const text = factorsText.value;
  const section = useRef<HTMLElement>(null);
  // The panel leads here; the browser itself looked for it before it was loaded.
  useEffect(() => {
    if (location.hash === '#second-factors') section.current?.scrollIntoView();
  }, []);
  return (
    <section ref={section} id="second-factors">
      <h2>{text.title}</h2>
      <p>{text.intro}</p>
      {children}
      <Fault words={fault} />
    </section>
  );
}

function Row(props: { name: string; more: string; children: preact.ComponentChildren }) {
  return (
    <li>
      <span class="row-main">{props.name}</span>
      <span class="row-more">{props.more}</span>
      {props.children}
    </li>
  );
}

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const text = factorsText.value;
  return (
    <button type="button" aria-label={text.removeNamed(name)} onClick={onClick}>
      {text.remove}
    </button>
  );
}
