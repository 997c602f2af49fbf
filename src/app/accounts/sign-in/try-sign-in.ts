/** Trying a provider: a sign-in that shows what came and what would happen, and makes nothing. */
import type { Claims } from '../../../auth/oidc/oidc-clients.ts';
import { signInFaultOf } from '../../../auth/oidc/sign-in-fault.ts';
import { ChitError, type ErrorCode } from '../../../core/errors.ts';
import type { SignInFault } from '../../../core/sign-in-faults.ts';
import type { SignInPreview } from '../../../core/sign-in-preview.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../ids.ts';
import { auditEntry, type Principal } from '../../principal.ts';
import { wantedClaims } from './claims.ts';
import { previewSignIn } from './preview-sign-in.ts';
import { providerNamed } from './providers.ts';
import { type BegunSignIn, beginAt, type ComingBack, keyOfAttempt } from './sign-in-by-provider.ts';

/** The state of a trial begins so, that of a sign-in never. */
const MARK = 'try.';

/** What came of a trial. */
export type TrialResult =
  | {
      readonly provider: string;
      readonly issuer: string;
      readonly subject: string;
      readonly claims: Claims;
      readonly preview: SignInPreview;
    }
  | {
      readonly provider: string;
      readonly failure: ErrorCode;
      /** undefined if the person did not sign in there. */
      readonly fault: SignInFault | undefined;
    };

/** Whether the browser comes back from a trial. */
export function isTrial(callbackUrl: URL): boolean {
  return callbackUrl.searchParams.get('state')?.startsWith(MARK) ?? false;
}

/**
 * Begins a trial; the provider asks who it is even if it knows.
 * @throws ChitError `sign_in_unknown`, `sign_in_unreachable`, `throttled`
 */
export async function beginTrial(
  context: Context,
  principal: Principal & { readonly user: { readonly id: number } },
  request: {
    readonly provider: string;
    readonly redirectUri: string;
    readonly browser: string;
    readonly address: string;
  },
): Promise<BegunSignIn> {
  const provider = providerNamed(context, request.provider);
  await context.signInLimit.count(request.address);
  const { url, browser, attempt } = await beginAt(context, provider, {
    redirectUri: request.redirectUri,
    browser: request.browser,
    isAgain: true,
    mark: MARK,
  });
  const entry = auditEntry(principal, {
    action: 'sign_in.try',
    target: `provider:${provider.name}`,
  });
  const trial = { ...attempt, id: newId(), userId: principal.user.id };
  await context.signInTrials.add(trial, entry);
  return { url, browser };
}

/**
 * Ends a trial, whatever came of it.
 * @returns its id, for who began it
 * @throws ChitError `sign_in_unknown`, `sign_in_expired`
 */
export async function finishTrial(
  context: Context,
  { provider: name, callbackUrl, browser }: ComingBack,
): Promise<string> {
  const provider = providerNamed(context, name);
  const { state, ...key } = keyOfAttempt(provider, callbackUrl, browser);
  const trial = await context.signInTrials.take(key, context.now());
  if (!trial) throw new ChitError('sign_in_expired', undefined);
  const { id, nonce, verifier } = trial;
  let result: TrialResult;
  try {
    const wanted = wantedClaims(provider);
    const secrets = { state, nonce, verifier };
    const identity = await context.oidc.identityFrom(provider, secrets, { callbackUrl, wanted });
    const { issuer, subject, claims } = identity;
    const preview = await previewSignIn(context, provider, identity);
    result = { provider: provider.name, issuer, subject, claims, preview };
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    const fault = error.code === 'sign_in_denied' ? undefined : signInFaultOf(error);
    result = { provider: provider.name, failure: error.code, fault };
  }
  await context.signInTrials.setResult(id, context.idTokenSeal.seal(JSON.stringify(result)));
  return id;
}

/**
 * What came of a trial, for ten minutes and for who began it.
 * @throws ChitError `trial_not_found`
 */
export async function resultOfTrial(
  context: Context,
  userId: number,
  id: string,
): Promise<TrialResult> {
  const sealed = await context.signInTrials.resultOf(id, userId, context.now());
  const text = sealed && context.idTokenSeal.open(sealed);
  if (!text) throw new ChitError('trial_not_found', undefined);
  return JSON.parse(text) as TrialResult;
}
