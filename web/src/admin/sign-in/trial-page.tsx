import type { SignInTrial } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { Facts } from './facts.tsx';
import { FaultText } from './fault-text.tsx';
import { Preview } from './preview.tsx';
import { TryProvider } from './try-provider.tsx';

/** What came of a sign-in at a provider that staff tried. */
export function TrialPage({ id }: { id: string }) {
  const resource = useResource<SignInTrial>(`/api/admin/sign-in/trials/${id}/`);
  return (
    <>
      <header class="page-head">
        <PageHeading
          title={resource.data ? words.value.tryResult(resource.data.provider) : words.value.signin}
        />
      </header>
      <Loaded resource={resource}>{(trial) => <Result trial={trial} />}</Loaded>
      <p>
        <a href="/admin/signin">{words.value.tryBack}</a>
      </p>
    </>
  );
}

function Result({ trial }: { trial: SignInTrial }) {
  const { provider, issuer, subject, claims, preview, failure, fault } = trial;
  return (
    <section class="page-section sign-in-way" aria-label={words.value.tryResult(provider)}>
      {fault && <FaultText fault={fault} />}
      {failure !== null && !fault && <p class="fault">{words.value.tryDenied}</p>}
      {preview && <Preview preview={preview} heading="h2" />}
      {claims && (
        <>
          <h2>{words.value.tryClaims}</h2>
          <Facts
            facts={[
              ['iss', issuer ?? ''],
              ['sub', subject ?? ''],
              ...Object.entries(claims)
                .filter(([name]) => name !== 'iss' && name !== 'sub')
                .map(([name, value]) => [name, shown(value)] as const),
            ]}
          />
        </>
      )}
      <TryProvider name={provider} label={words.value.tryAgain} />
    </section>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
