import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { shownLanguage, time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { CheckedProvider, SignInProvider, SignInWays } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { DirectorySection } from './directory-section.tsx';
import { Facts } from './facts.tsx';
import { FaultText } from './fault-text.tsx';
import { TryProvider } from './try-provider.tsx';

const WAYS = '/api/admin/sign-in/';

/** The providers and the directory by which people sign in. */
export function SignInWaysPage() {
  const resource = useResource<SignInWays>(WAYS);
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.signin} />
      </header>
      <p class="hint">{words.value.signInText}</p>
      <Loaded resource={resource}>
        {({ providers, directory, password_login: isOn, address_is_set: isSet }) => (
          <>
            <p>
              {providers.length === 0 && !directory
                ? words.value.signInNone
                : isOn
                  ? words.value.signInPasswordsOn
                  : words.value.signInPasswordsOff}
            </p>
            {providers.length > 0 && !isSet && (
              <p class="notice sign-in-note">{words.value.signInNoAddress}</p>
            )}
            {providers.map((it) => (
              <ProviderSection key={it.name} provider={it} onAsked={resource.reload} />
            ))}
            {directory && <DirectorySection directory={directory} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function ProviderSection(props: { provider: SignInProvider; onAsked: () => void }) {
  const { provider } = props;
  const { name } = provider;
  const heading = `provider-${name}`;
  return (
    <section class="page-section sign-in-way" aria-labelledby={heading}>
      <h2 id={heading}>{name}</h2>
      <State {...props} />
      <TryProvider name={name} />
      <h3>{words.value.signInRegister}</h3>
      <Addresses provider={provider} />
      <details>
        <summary>{words.value.signInConfigured}</summary>
        <Facts facts={factsOf(provider)} />
      </details>
    </section>
  );
}

/** Asks the provider when the page opens, and again when told to. */
function State({ provider, onAsked }: { provider: SignInProvider; onAsked: () => void }) {
  const { name, state } = provider;
  const [checked, setChecked] = useState<CheckedProvider>();
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    await runAction(async () => setChecked(await call('POST', `${WAYS}${name}/check/`)));
    setAsking(false);
    onAsked();
  };
  useEffect(() => void ask(), [name]);
  const { signInAsk, signInAsking, signInLastOk, signInFailures, signInSteps } = words.value;
  return (
    <>
      <div role="status" aria-busy={isAsking}>
        {checked ? <Checked checked={checked} /> : <p>{signInAsking}</p>}
        {state.ok_at !== null && <p class="hint">{signInLastOk(time(state.ok_at))}</p>}
      </div>
      <button type="button" disabled={isAsking} onClick={() => void ask()}>
        {isAsking ? signInAsking : signInAsk}
      </button>
      {state.failures.length > 0 && (
        <details>
          <summary>{signInFailures}</summary>
          <ul class="plain-list">
            {state.failures.map((it) => (
              <li key={`${it.at} ${it.code}`}>
                {time(it.at)}, {signInSteps[it.step]}
                <FaultText fault={it} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Checked({ checked: { fault, offers } }: { checked: CheckedProvider }) {
  if (fault) return <FaultText fault={fault} />;
  if (!offers) return null;
  const { sign_out: signOut, back_channel_logout: logout, names_sessions: sessions } = offers;
  return (
    <>
      <p>{words.value.signInWorks(offers.keys)}</p>
      <p class="hint">{words.value.signInOffers({ signOut, logout, sessions }).join(' ')}</p>
    </>
  );
}

function Addresses({ provider }: { provider: SignInProvider }) {
  const { signInAddresses, signInCopyAddress } = words.value;
  const addresses = [
    [signInAddresses.redirect, provider.redirect_uri],
    [signInAddresses.signOut, provider.sign_out_redirect_uri],
    [signInAddresses.logout, provider.back_channel_logout_uri],
  ] as const;
  return (
    <dl class="addresses">
      {addresses.map(([what, address]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>
            <code>{address}</code>
            <CopyButton text={address} about={signInCopyAddress(what)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(provider: SignInProvider): [string, string][] {
  const { signInMembers: names, signInMapped, nothingThere } = words.value;
  const { button, groups, staff, requires } = provider;
  const list = (items: readonly string[], none: string = nothingThere) =>
    items.length > 0 ? items.join(', ') : none;
  return [
    [names.issuer, provider.issuer],
    [names.client, provider.client_id],
    [names.secret, words.value.signInHasSecret(provider.has_secret)],
    [names.scopes, provider.scopes.join(' ')],
    [names.button, button[shownLanguage.value] ?? button[''] ?? button.en ?? provider.name],
    [names.usernames, provider.username_claim ?? words.value.signInUsual],
    [names.groupsFrom, provider.groups_claim],
    [names.groups, list(groups.map(({ there, group }) => signInMapped(there, group)))],
    [names.staff, staff ? list(staff) : words.value.signInNobody],
    [
      names.requires,
      list(
        requires.map(({ claim, values }) => `${claim}: ${values.join(', ')}`),
        words.value.signInEverybody,
      ),
    ],
    [names.accounts, words.value.signInMakesAccounts(provider.new_accounts)],
    [names.match, words.value.signInMatches(provider.match_by_email, provider.email_is_verified)],
    [names.matchName, words.value.signInYes(provider.match_by_username)],
    [names.signOut, words.value.signInSignsOut(provider.sign_out)],
  ];
}
