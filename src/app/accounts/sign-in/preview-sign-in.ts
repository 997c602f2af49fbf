/** What would become of somebody whom a provider names; nothing is made or changed. */
import type { ProvenIdentity } from '../../../auth/oidc/oidc-clients.ts';
import type { SignInOutcome, SignInPreview } from '../../../core/sign-in-preview.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { User } from '../../../store/accounts/users.ts';
import type { Context } from '../../context.ts';
import { isInvited } from '../../invitations/arrive-invited.ts';
import { nameForNew } from './account-of-identity.ts';
import { claimOf, emailOf, groupsIn, invitedNameIn, textsOf } from './claims.ts';
import { previewGroups } from './preview-groups.ts';
import { needsProof } from './tie-identity.ts';

/** Looks at all that a sign-in looks at, in the same order. */
export async function previewSignIn(
  context: Context,
  provider: SignInProvider,
  identity: ProvenIdentity,
): Promise<SignInPreview> {
  const { claims } = identity;
  const lacks = Object.entries(provider.requires)
    .filter(([claim, values]) => !textsOf(claimOf(claims, claim)).some((it) => values.includes(it)))
    .map(([claim, values]) => ({ claim, values }));
  const { userId: known, wasErased } = await context.identities.find(identity);
  const matched = known === undefined ? await accountWithEmail(context, provider, claims) : known;
  const user = matched === undefined ? undefined : await context.users.byId(matched);
  const email = emailOf(provider, claims);
  const isComing = await isInvited(context, {
    email: email?.isVerified ? email.email : undefined,
    username: invitedNameIn(provider, claims),
    saidEmail: email?.email,
  });
  const isAdmitted = lacks.length === 0;
  const isKnown = known !== undefined;
  const isProven = isKnown || !user || !(await needsProof(context, user, identity));
  const found = { isAdmitted, isKnown, user, isProven, isComing };
  const outcome = outcomeOf(provider, found);
  const isNew = outcome === 'new_account';
  const groupsThere = groupsIn(provider, claims);
  return {
    outcome,
    userId: user?.id,
    username: user?.username ?? (isNew ? await nameForNew(context, provider, claims) : undefined),
    email: email && { address: email.email, isVerified: email.isVerified },
    openingCredits: isNew ? (wasErased ? 0 : context.policy.signupCredits) : undefined,
    groupsThere,
    groups: await previewGroups(context, groupsOf(provider, groupsThere), user?.id),
    isStaff: isStaffAfter(provider, groupsThere, user),
    lacks,
  };
}

function outcomeOf(
  { makesAccounts }: SignInProvider,
  found: {
    readonly isAdmitted: boolean;
    readonly isKnown: boolean;
    readonly user: User | undefined;
    readonly isProven: boolean;
    readonly isComing: boolean;
  },
): SignInOutcome {
  const { isAdmitted, isKnown, user, isProven, isComing } = found;
  if (!isAdmitted) return 'not_admitted';
  if (user) {
    if (!user.isActive) return 'disabled';
    if (isKnown) return 'signs_in';
    return isProven ? 'matched' : 'to_prove';
  }
  if (isComing) return 'invited';
  return makesAccounts ? 'new_account' : 'no_account';
}

async function accountWithEmail(
  context: Context,
  provider: SignInProvider,
  claims: ProvenIdentity['claims'],
): Promise<number | undefined> {
  const email = emailOf(provider, claims);
  if (!provider.matchesByEmail || !email?.isVerified) return undefined;
  const userId = await context.emails.ownerOf(email.email);
  const user = userId === undefined ? undefined : await context.users.byId(userId);
  return user?.isSuperuser ? undefined : user?.id;
}

function groupsOf(
  { groups }: SignInProvider,
  values: readonly string[] | undefined,
): Map<string, boolean> | undefined {
  if (!values) return undefined;
  const names = new Set(Object.values(groups));
  const isIn = (name: string) =>
    Object.entries(groups).some(([value, of]) => of === name && values.includes(value));
  return new Map([...names].map((name) => [name, isIn(name)]));
}

function isStaffAfter(
  { staff }: SignInProvider,
  values: readonly string[] | undefined,
  user: User | undefined,
): boolean | undefined {
  if (staff === undefined || !values) return undefined;
  return user?.isSuperuser === true || staff.some((it) => values.includes(it));
}
