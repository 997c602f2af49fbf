/** The export of an account as one JSON document, in pieces. */
import type { AccountFacts, AccountSlice } from '../../app/accounts/export-account.ts';
import type { LoggedEntry } from '../../store/admin/audit-log.ts';
import { shownConversation, shownMessage } from '../chat/conversation-views.ts';
import { shownPrompt } from '../chat/prompt-routes.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { shownLine } from '../credits/statement-routes.ts';
import { isoTime } from '../framework/iso-time.ts';
import { shownKey } from './key-routes.ts';

/** The lists of the document, in this order. */
const LISTS = ['statement', 'log', 'prompts', 'conversations', 'other_messages'] as const;
type List = (typeof LISTS)[number];

/** @param nowMs when it is made */
export async function* accountJson(
  slices: AsyncIterable<AccountSlice>,
  nowMs: number,
): AsyncGenerator<string> {
  const writer = new Writer();
  for await (const slice of slices) yield writer.write(slice, nowMs);
  yield writer.end();
}

class Writer {
  #list: List | undefined;
  #hasItems = false;
  #isInConversation = false;
  #hasMessages = false;

  write(slice: AccountSlice, nowMs: number): string {
    switch (slice.kind) {
      case 'account': {
        const facts = { exported_at: isoTime(nowMs), ...shownFacts(slice.facts) };
        return JSON.stringify(facts).slice(0, -1);
      }
      case 'statement':
        return this.#items('statement', slice.lines.map(shownLine));
      case 'log':
        return this.#items('log', slice.entries.map(shownEntry));
      case 'prompts':
        return this.#items('prompts', slice.prompts.map(shownPrompt));
      case 'conversation': {
        const begin = JSON.stringify(shownConversation(slice.conversation)).slice(0, -1);
        const text = `${this.#go('conversations')}${this.#hasItems ? ',' : ''}`;
        this.#hasItems = true;
        this.#isInConversation = true;
        this.#hasMessages = false;
        return `${text}${begin},"messages":[`;
      }
      case 'messages': {
        const before = this.#hasMessages ? ',' : '';
        this.#hasMessages = true;
        return before + joined(slice.messages.map(shownMessage));
      }
      case 'other_messages':
        return this.#items('other_messages', slice.messages.map(shownMessage));
    }
  }

  end(): string {
    return `${this.#go(undefined)}}\n`;
  }

  #items(list: List, items: readonly object[]): string {
    const begin = this.#go(list);
    if (items.length === 0) return begin;
    const before = this.#hasItems ? ',' : '';
    this.#hasItems = true;
    return begin + before + joined(items);
  }

  /** Ends what is open and begins the lists up to this one; without one, all that are left. */
  #go(list: List | undefined): string {
    const endOfConversation = this.#isInConversation ? ']}' : '';
    this.#isInConversation = false;
    if (list !== undefined && list === this.#list) return endOfConversation;
    const from = this.#list === undefined ? 0 : LISTS.indexOf(this.#list) + 1;
    const to = list === undefined ? LISTS.length : LISTS.indexOf(list) + 1;
    const begun = LISTS.slice(from, to).map((name) => `,"${name}":[`);
    const isOpen = this.#list !== undefined;
    this.#list = list ?? LISTS.at(-1);
    this.#hasItems = false;
    const parts = [...(isOpen ? [''] : []), ...begun];
    const last = list === undefined ? ']' : '';
    return endOfConversation + parts.join(']') + last;
  }
}

function joined(items: readonly object[]): string {
  return items.map((it) => JSON.stringify(it)).join(',');
}

function shownFacts(facts: AccountFacts) {
  const { user, balanceCredits, plan, groups, folders, keys, sessions, vouchers } = facts;
  const { instructions, adminKeys, invitation, scimUser, factors, ldapSubject = null } = facts;
  return {
    account: {
      id: user.id,
      username: user.username,
      date_joined: isoTime(user.joinedAtMs),
      last_seen: isoTime(user.lastSeenAtMs),
      is_active: user.isActive,
      is_staff: user.isStaff,
      is_superuser: user.isSuperuser,
      tokens: balanceCredits,
      plan: shownAccountPlan(plan),
    },
    folders: folders.map(({ id, name, createdAtMs }) => ({
      id,
      name,
      created_at: isoTime(createdAtMs),
    })),
    groups: groups.map(({ group, isManager, joinedAtMs }) => ({
      id: group.id,
      name: group.name,
      is_manager: isManager,
      joined_at: isoTime(joinedAtMs),
    })),
    api_keys: keys.map(shownKey),
    admin_keys: adminKeys.map(({ name, prefix, scopes, ...times }) => ({
      name,
      prefix,
      scopes,
      created_at: isoTime(times.createdAtMs),
      expires_at: isoTime(times.expiresAtMs),
      last_used_at: isoTime(times.lastUsedAtMs),
      ended_at: isoTime(times.endedAtMs),
    })),
    sessions: sessions.map((it) => ({
      signed_in_at: isoTime(it.issuedAtMs),
      expires_at: isoTime(it.expiresAtMs),
      browser: it.browser ?? null,
      system: it.system ?? null,
      address: it.begunAddress ?? null,
      last_used_at: isoTime(it.lastUsedAtMs),
      last_address: it.lastAddress ?? null,
    })),
    second_factors: {
      authenticator_app_since: isoTime(factors.totp?.createdAtMs),
      passkeys: factors.passkeys.map(({ name, createdAtMs, lastUsedAtMs }) => ({
        name,
        created_at: isoTime(createdAtMs),
        last_used_at: isoTime(lastUsedAtMs),
      })),
      recovery_codes: factors.recoveryCodes,
    },
    mail: shownMail(facts),
    instructions,
    directory: {
      scim: scimUser
        ? {
            user_name: scimUser.userName,
            external_id: scimUser.externalId ?? null,
            names: scimUser.names,
            created_at: isoTime(scimUser.createdAtMs),
            changed_at: isoTime(scimUser.changedAtMs),
          }
        : null,
      ldap_entry: ldapSubject,
    },
    identities: facts.identities.map(
      ({ provider, issuer, subject, createdAtMs, lastUsedAtMs }) => ({
        provider,
        issuer,
        subject,
        created_at: isoTime(createdAtMs),
        last_used_at: isoTime(lastUsedAtMs),
      }),
    ),
    vouchers: vouchers.map(({ name, atMs }) => ({ name, redeemed_at: isoTime(atMs) })),
    invitation: invitation
      ? {
          name: invitation.name,
          email: invitation.email ?? null,
          invited_at: isoTime(invitation.createdAtMs),
          accepted_at: isoTime(invitation.acceptedAtMs),
        }
      : null,
  };
}

function shownMail({ email, mailChoice, notices }: AccountFacts) {
  const { language, tellsLow, tellsRenewal, lowBelowCredits } = mailChoice;
  return {
    email: email?.email ?? null,
    confirmed_at: isoTime(email?.verifiedAtMs),
    language: language ?? null,
    tells_low_balance: tellsLow,
    tells_renewal: tellsRenewal,
    low_below: lowBelowCredits ?? null,
    notices: notices.map(({ kind, data, atMs }) => ({ at: isoTime(atMs), kind, ...data })),
  };
}

function whoIs(actor: string, target: string): 'you' | 'staff' | 'provider' | 'operator' {
  if (actor === target) return 'you';
  if (actor.startsWith('user:') || actor.startsWith('key:')) return 'staff';
  return actor.startsWith('provider:') ? 'provider' : 'operator';
}

/** What staff did to the account. Who did it is not data of the user. */
function shownEntry({ atMs, actor, target, action, reason, before, after }: LoggedEntry) {
  const by = whoIs(actor, target);
  const values = { before: before ?? null, after: after ?? null };
  return { at: isoTime(atMs), by, action, reason: reason ?? null, ...values };
}
