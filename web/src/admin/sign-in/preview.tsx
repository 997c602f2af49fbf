import { number } from '../../strings/strings.ts';
import type { SignInPreview } from '../types.ts';
import { words } from '../words/words.ts';
import { Facts } from './facts.tsx';

/** The outcomes that let somebody in. */
const LET_IN: readonly SignInPreview['outcome'][] = [
  'signs_in',
  'matched',
  'to_prove',
  'new_account',
  'invited',
];

/** What would become of a sign-in. @param props `heading`: that of its place in the page */
export function Preview(props: { preview: SignInPreview; heading: 'h2' | 'h3' }) {
  const { preview, heading: Heading } = props;
  const { outcome, lacks, username } = preview;
  const isLetIn = LET_IN.includes(outcome);
  return (
    <>
      <Heading>{words.value.tryWhat}</Heading>
      <p class={isLetIn ? 'outcome' : 'outcome fault'}>
        {words.value.tryOutcomes[outcome](username ?? '')}
      </p>
      {lacks.map(({ claim, values }) => (
        <p key={claim}>{words.value.tryLacks(claim, values.join(', '))}</p>
      ))}
      {isLetIn && <Facts facts={factsOf(preview)} />}
      <p class="hint">{words.value.tryNothing}</p>
    </>
  );
}

function factsOf(preview: SignInPreview): [string, string][] {
  const { email, opening_tokens: tokens, groups, groups_there: there } = preview;
  const { nothingThere, tryGroupChanges, tryGroupsUntold } = words.value;
  const role = preview.is_staff;
  const isSaid = role !== null || preview.user_id === null;
  const facts: [string, string | undefined][] = [
    [words.value.tryTokens, tokens === null ? undefined : number(tokens)],
    [
      words.value.tryEmail,
      email ? `${email.address} (${words.value.tryVerified(email.is_verified)})` : nothingThere,
    ],
    [words.value.tryGroupsThere, there ? there.join('\n') || nothingThere : tryGroupsUntold],
    [
      words.value.tryGroups,
      groups.map(({ name, change }) => `${name}: ${tryGroupChanges[change]}`).join('\n') ||
        undefined,
    ],
    [words.value.tryRole, isSaid ? words.value.tryStaff(role ?? false) : words.value.tryRoleStays],
  ];
  return facts.filter((it): it is [string, string] => it[1] !== undefined);
}
