/** Codes of authenticator apps (RFC 6238) and recovery codes. */
import { randomInt } from 'node:crypto';
import { type HashSource, hashPassword, verifyPassword } from '../../../auth/passwords.ts';
import { ChitError } from '../../../core/errors.ts';
import {
  RECOVERY_ALPHABET,
  RECOVERY_CHARACTERS,
  readRecoveryCode,
  readTotpCode,
  shownRecoveryCode,
} from '../../../core/recovery-codes.ts';
import type { RecoveryCode } from '../../../store/accounts/factors.ts';
import type { Context } from '../../context.ts';

/** What authenticator apps assume (Key URI format); few know anything else. */
const TOTP = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** RFC 6238, 5.2: one step before and after, since clocks of phones differ. */
const WINDOW = 1;
/** RFC 4226, 4: 160 bits are recommended. */
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;

/** A new secret, and the address that an authenticator app reads from a QR code. */
export async function newTotpSecret(
  issuer: string,
  username: string,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const { Secret, TOTP: Totp } = await import('otpauth');
  const secret = new Secret({ size: SECRET_BYTES });
  const uri = new Totp({ ...TOTP, issuer, label: username, secret }).toString();
  return { secret: secret.base32, uri };
}

/**
 * The time step of a code.
 * @param secret as base 32
 * @returns undefined if the code is wrong
 */
export async function stepOfCode(
  secret: string,
  code: string,
  nowMs: number,
): Promise<number | undefined> {
  const { Secret, TOTP: Totp } = await import('otpauth');
  const of = { ...TOTP, secret: Secret.fromBase32(secret), timestamp: nowMs };
  const delta = Totp.validate({ ...of, token: code, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / TOTP.period) + delta;
}

/** Seals a secret for one user, so that it is not that of another one if rows are swapped. */
export function sealSecret(context: Context, userId: number, secret: string): string {
  return context.totpSeal.seal(`${userId}:${secret}`);
}

/** The secret that was sealed for a user; undefined if the secret key is another one by now. */
export function openSecret(context: Context, userId: number, sealed: string): string | undefined {
  const [id, secret] = context.totpSeal.open(sealed)?.split(':') ?? [];
  return id === String(userId) ? secret : undefined;
}

/** Who gives a code, and where. */
export interface CodeOfUser {
  readonly userId: number;
  /** Of an authenticator app, or a recovery code. */
  readonly code: string;
  readonly address: string;
  /** The id of a known device. */
  readonly device: string | undefined;
  readonly isSignedIn: boolean;
}

/**
 * Uses up a code of a user.
 * @throws ChitError `code_wrong`, also if it was used before; `throttled`, `overloaded`
 */
export async function useCode(context: Context, given: CodeOfUser): Promise<void> {
  const { userId, code } = given;
  const isRight = await context.factorLimit.attempt(given, async (source) => {
    const typed = readTotpCode(code);
    const isUsed = typed
      ? await useTotp(context, userId, typed)
      : await useRecovery(context, userId, code, source);
    return isUsed || undefined;
  });
  if (!isRight) throw new ChitError('code_wrong', undefined);
}

async function useTotp(context: Context, userId: number, code: string): Promise<boolean> {
  const totp = await context.factors.totpOf(userId);
  const secret = totp && openSecret(context, userId, totp.sealedSecret);
  if (!totp || secret === undefined) return false;
  const step = await stepOfCode(secret, code, context.now());
  return step !== undefined && (await context.factors.useTotpStep(userId, totp, step));
}

async function useRecovery(
  context: Context,
  userId: number,
  code: string,
  source: HashSource,
): Promise<boolean> {
  const read = readRecoveryCode(code);
  const hash = read && (await context.factors.recoveryCode(userId, read.selector));
  if (!read || hash === undefined) return false;
  if (!(await verifyPassword(read.secret, hash, source))) return false;
  return context.factors.useRecoveryCode(userId, { selector: read.selector, hash });
}

/** Recovery codes as they are shown once, and as they are stored. */
export interface NewRecoveryCodes {
  readonly shown: readonly string[];
  readonly stored: readonly RecoveryCode[];
}

/** Makes recovery codes. @throws ChitError `overloaded` */
export async function newRecoveryCodes(source: HashSource): Promise<NewRecoveryCodes> {
  const codes = new Map<string, { shown: string; secret: string }>();
  while (codes.size < RECOVERY_CODES) {
    const characters = Array.from({ length: RECOVERY_CHARACTERS }, () => randomInt(32));
    const plain = characters.map((it) => RECOVERY_ALPHABET.charAt(it)).join('');
    const { selector, secret } = readRecoveryCode(plain) as { selector: string; secret: string };
    codes.set(selector, { shown: shownRecoveryCode(plain), secret });
  }
  const stored: RecoveryCode[] = [];
  for (const [selector, { secret }] of codes) {
    stored.push({ selector, hash: await hashPassword(secret, source) });
  }
  return { shown: [...codes.values()].map(({ shown }) => shown), stored };
}
