import {
  type HashSource,
  hashPassword,
  isOutdated,
  unmatchableHash,
  verifyPassword,
} from '../../auth/passwords.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { UserWithPassword } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { isOfLdap, userByLdap } from '../directory/ldap-sign-in.ts';
import { afterPassword, type SignedIn } from './factors/second-step.ts';

/** What the password of an unknown name is compared with; made when first needed. */
let nobodysHash: Promise<string> | undefined;

/**
 * Exchanges a username and password for a pair of tokens. An unknown name takes as long as a wrong
 * password and gets the same response. A name that nobody has here, and one whose user signs in by
 * LDAP, is for the directory, if there is one. Then each wrong password is hashed here and its name
 * looked up there, so that the time does not tell who has an account here.
 * @throws ChitError `invalid_credentials`, `throttled`, `directory_unavailable`,
 *   `directory_no_account`, `password_login_off`,
 *   `second_factor_required` with a ticket
 */
export async function logIn(
  context: Context,
  request: {
    readonly username: string;
    readonly password: string;
    readonly address: string;
    /** The marks of the browser; see `KnownDevices`. */
    readonly device?: string;
    /** The header of that name. */
    readonly userAgent?: string | undefined;
    /** Whether it is a session of the page, which lasts anew whenever it is used. */
    readonly isSession?: boolean;
  },
): Promise<SignedIn> {
  const { isPasswordLoginOn } = context.policy;
  // A directory goes on to check its own passwords.
  if (!isPasswordLoginOn && !context.ldap.current)
    throw new ChitError('password_login_off', undefined);
  const { username, password, address, userAgent, isSession = false } = request;
  const device = await knownDevice(context, username, request.device);
  const given = { username, password };
  let refusal: unknown;
  const user = await context.loginLimit.attempt({ username, address, device }, async (source) => {
    const checked = await userWithPassword(context, given, source);
    if ('user' in checked) return checked.user;
    ({ refusal } = checked);
    return undefined;
  });
  if (!user) throw refusal ?? new ChitError('invalid_credentials', undefined);

  const isKnownDevice = device !== undefined;
  return afterPassword(context, { user, address, isKnownDevice, userAgent, isSession });
}

/** The id of the device, if this user has signed in with it before. */
async function knownDevice(
  { users, knownDevices }: Context,
  username: string,
  marks: string | undefined,
): Promise<string | undefined> {
  if (!marks) return undefined;
  const user = await users.byUsername(username);
  return user && knownDevices.idIn(marks, user.id);
}

/**
 * The user whose password it is; otherwise a refusal that is told in the place of the usual one,
 * though the attempt counts.
 */
async function userWithPassword(
  context: Context,
  given: { readonly username: string; readonly password: string },
  source: HashSource,
): Promise<{ readonly user: UserWithPassword } | { readonly refusal: unknown }> {
  const { username, password } = given;
  const user = await context.users.byUsername(username);
  const directory = context.ldap.current;
  // Decided by the name alone, before the password is looked at.
  const isByLdap = user ? await isOfLdap(context, user) : directory !== undefined;
  if (isByLdap) {
    const hashed = async () => verifyPassword(password, await hashOfNobody(), source);
    try {
      const found = await userByLdap(context, { who: { username }, password }, source);
      if (found) return { user: found };
    } catch (error) {
      if (hasCode(error, 'directory_unavailable')) await hashed();
      throw error;
    }
    await hashed();
    return { refusal: undefined };
  }
  const own = await userOfThisSite(context, user, password, source);
  if (own) return { user: own };
  const looking = directory?.lookUp(username, password, source);
  // What goes wrong there is told as it is of a name that nobody has.
  return {
    refusal: await looking?.then(
      () => undefined,
      (error: unknown) => error,
    ),
  };
}

async function userOfThisSite(
  context: Context,
  user: UserWithPassword | undefined,
  password: string,
  source: HashSource,
): Promise<UserWithPassword | undefined> {
  const ofNobody = hashOfNobody();
  const hash = user?.passwordHash ?? (await ofNobody);
  const isRight = await verifyPassword(password, hash, source);
  if (!isRight || !user?.isActive) return undefined;
  // Said to nobody else: it would tell which names have an account here.
  if (!context.policy.isPasswordLoginOn) throw new ChitError('password_login_off', undefined);
  return isOutdated(user.passwordHash) ? withNewHash(context, user, password) : user;
}

function hashOfNobody(): Promise<string> {
  if (nobodysHash) return nobodysHash;
  nobodysHash = unmatchableHash();
  // One that could not be made, since too many are waiting, is made again.
  nobodysHash.catch(() => {
    nobodysHash = undefined;
  });
  return nobodysHash;
}

/** Replaces an imported hash. Another login may do so at the same time. */
async function withNewHash(
  { users }: Context,
  user: UserWithPassword,
  password: string,
): Promise<UserWithPassword | undefined> {
  const passwordHash = await hashPassword(password);
  const isReplaced = await users.replaceHash(user.id, user.passwordHash, passwordHash);
  if (isReplaced) return { ...user, passwordHash };
  const current = await users.withPassword(user.id);
  return current && (await verifyPassword(password, current.passwordHash)) ? current : undefined;
}
