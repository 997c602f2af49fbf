/** Passkeys: credentials of WebAuthn (https://www.w3.org/TR/webauthn-3/). */
import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Ticket, TicketPurpose } from '../../../auth/tickets.ts';
import { ChitError } from '../../../core/errors.ts';
import type { Passkey } from '../../../store/accounts/factors.ts';
import type { User } from '../../../store/accounts/users.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../ids.ts';

/** Whom credentials are for, and the only pages that may ask for them. */
export interface RelyingParty {
  /** The domain (`rpId`). */
  readonly id: string;
  readonly origin: string;
  /** What people call the site. */
  readonly name: string;
}

export type { AuthenticationResponseJSON, RegistrationResponseJSON };

type ChallengePurpose = Exclude<TicketPurpose, 'sign_in' | 'totp' | 'passkey:add'>;

const USER_HANDLE_BYTES = 32;
const TIMEOUT_MS = 5 * 60_000;

/** What a browser needs to make a passkey. */
export async function passkeyCreation(
  context: Context,
  user: User,
  party: RelyingParty,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await import('@simplewebauthn/server');
  const { passkeys } = await context.factors.of(user.id);
  const { id: userId, passwordVersion } = user;
  const userHandle = userHandleOf(passkeys);
  const facts = { userId, passwordVersion, extra: userHandle };
  return generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userName: user.username,
    userDisplayName: user.username,
    userID: new Uint8Array(Buffer.from(userHandle, 'base64url')),
    challenge: bytesOf(context.tickets.make('passkey:add', facts, context.now())),
    timeout: TIMEOUT_MS,
    excludeCredentials: passkeys.map(({ credentialId: id, transports }) => ({
      id,
      transports: [...transports],
    })),
    // It is found without a username, and unlocked by its user.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/**
 * Checks a new passkey.
 * @throws ChitError `passkey_refused`, `ticket_invalid`
 */
export async function checkNewPasskey(
  context: Context,
  user: User,
  given: { readonly response: RegistrationResponseJSON; readonly name: string },
  party: RelyingParty,
): Promise<Passkey> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const { response, name } = given;
  let ticket: Ticket | undefined;
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: (challenge) => {
      ticket = ticketIn(context, 'passkey:add', challenge);
      return ticket?.userId === user.id && ticket.passwordVersion === user.passwordVersion;
    },
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
  }).catch(refuse);
  const userHandle = ticket?.extra;
  if (!verified.verified || !ticket || userHandle === undefined)
    throw new ChitError('passkey_refused', undefined);
  await spend(context, ticket);
  const { credential } = verified.registrationInfo;
  return {
    id: newId(),
    userId: user.id,
    name,
    credentialId: credential.id,
    userHandle,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    signCount: credential.counter,
    transports: credential.transports ?? [],
    createdAtMs: context.now(),
    lastUsedAtMs: undefined,
  };
}

/**
 * What a browser needs to use a passkey.
 * @param userId whose it has to be; undefined where whoever has one signs in
 */
export async function passkeyRequest(
  context: Context,
  purpose: ChallengePurpose,
  userId: number | undefined,
  party: RelyingParty,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
  const known = userId === undefined ? [] : (await context.factors.of(userId)).passkeys;
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: bytesOf(context.tickets.make(purpose, { userId }, context.now())),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: known.map(({ credentialId: id, transports }) => ({
      id,
      transports: [...transports],
    })),
  });
}

/**
 * Uses a passkey: checks what the browser answers to `passkeyRequest`.
 * @param userId whose it has to be; undefined where whoever has one signs in
 * @returns the id of its user
 * @throws ChitError `passkey_refused`, `ticket_invalid`
 */
export async function usePasskey(
  context: Context,
  purpose: ChallengePurpose,
  given: { readonly response: AuthenticationResponseJSON; readonly userId: number | undefined },
  party: RelyingParty,
): Promise<number> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  const { response, userId } = given;
  const passkey = await context.factors.passkey(response.id);
  const isOwn = passkey && (userId === undefined || passkey.userId === userId);
  const { userHandle } = response.response;
  // WebAuthn 7.2, step 6: the handle has to be that of the owner, where there is one.
  const isNamed = !userHandle || userHandle === passkey?.userHandle;
  if (!isOwn || !isNamed) throw new ChitError('passkey_refused', undefined);
  let ticket: Ticket | undefined;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: (challenge) => {
      ticket = ticketIn(context, purpose, challenge);
      return ticket !== undefined && ticket.userId === userId;
    },
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: passkey.signCount,
    },
  }).catch(refuse);
  if (!verified || !ticket) throw new ChitError('passkey_refused', undefined);
  await spend(context, ticket);
  const { newCounter } = authenticationInfo;
  const isCounted = await context.factors.usePasskey(passkey.id, newCounter, context.now());
  if (!isCounted) throw new ChitError('passkey_refused', undefined);
  return passkey.userId;
}

/** @throws ChitError `ticket_invalid` if it was spent before */
async function spend(context: Context, ticket: Ticket): Promise<void> {
  if (!(await context.factors.spend(ticket))) throw new ChitError('ticket_invalid', undefined);
}

/** All passkeys of a user have the same handle, so that authenticators keep one per user. */
function userHandleOf(passkeys: readonly Passkey[]): string {
  return passkeys[0]?.userHandle ?? randomBytes(USER_HANDLE_BYTES).toString('base64url');
}

function ticketIn(context: Context, purpose: TicketPurpose, challenge: string): Ticket | undefined {
  const text = Buffer.from(challenge, 'base64url').toString();
  return context.tickets.read(purpose, text, context.now());
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}

/** What the package throws says which check failed; whoever cheats need not know. */
function refuse(cause: unknown): never {
  throw new ChitError('passkey_refused', undefined, { cause });
}
