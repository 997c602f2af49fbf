import type { LoggedPeriod } from '../../staff/logged-period.ts';
import type { AuditAction } from '../../types.ts';
import { counted } from './plurals.ts';

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(day: number): string {
  return `${day}${ENDINGS[ordinals.select(day)] ?? 'th'}`;
}

function everyHours(hours: number): string {
  return hours === 1 ? 'every hour' : `every ${hours} hours`;
}

function renewalPeriod(period: LoggedPeriod): string {
  switch (period.kind) {
    case 'hours':
      return everyHours(period.hours);
    case 'day':
      return 'every day';
    case 'week':
      return `every ${period.weekday}`;
    case 'month':
      return period.day === 31
        ? 'on the last day of every month'
        : `on the ${ordinal(period.day)} of every month`;
    case 'term':
      return `each of ${counted(period.terms, 'term')}, ${period.first} to ${period.last}`;
    default:
      return 'never';
  }
}

function limitPeriod(period: LoggedPeriod): string {
  switch (period.kind) {
    case 'hours':
      return `${everyHours(period.hours)}, from first use`;
    case 'day':
      return 'a day';
    case 'week':
      return `a week, from ${period.weekday}`;
    case 'month':
      return period.day === 31
        ? 'a month, from the last day'
        : `a month, from the ${ordinal(period.day)}`;
    case 'term':
      return `a term, ${period.first} to ${period.last}`;
    default:
      return 'in total';
  }
}

/** Texts about what staff do: reading chats, and the audit log. */
export const enStaff = {
  chatsOff:
    'Staff can’t view chats on this site. CHIT_STAFF_READS_CHATS=1 would allow it; users would ' +
    'then be told on their account page.',
  chatsText: 'Every search is recorded in the audit log with your name and this reason.',
  reasonRequired: 'Reason (required)',
  searchText: 'Text of messages or answers (optional)',
  userOptional: 'Username (optional)',
  viewChats: 'View chats',
  searchChanged: 'The search has changed. View the chats again to see what matches.',
  noChats: 'No chats found.',
  answer: 'Answer',

  actor: 'Who',
  action: 'Action',
  target: 'Target',
  change: 'Change',
  address: 'IP address',
  actorFilter: 'Who: username or cli:root',
  targetFilter: 'Target: username',
  anyAction: 'Any action',
  reasonContains: 'Reason contains',
  noEntries: 'No entries match.',
  auditActions: {
    'user.create': 'Account created',
    'user.change': 'Account changed',
    'user.delete': 'Account deleted',
    'user.factor': 'Second factor changed',
    'user.reset_factors': 'Second factors removed',
    'user.password_link': 'Password link created',
    'user.password': 'Password set',
    'user.end_sessions': 'Signed out everywhere',
    'user.end_key': 'API key revoked',
    'user.identity': 'Sign-in service connected',
    'user.untie': 'Sign-in service disconnected',
    'user.limit': 'Limit set or removed',
    'user.token_reuse': 'Copied sign-in token used: session ended',
    'user.plan': 'Plan of a user changed',
    'group.plan': 'Plan of a pool changed',
    'plan.create': 'Plan created',
    'plan.change': 'Plan changed',
    'plan.end': 'Plan ended',
    'credits.grant': 'Tokens added or removed',
    'credits.refund': 'Charge refunded',
    'group.create': 'Group created',
    'group.change': 'Group changed',
    'group.end': 'Group ended',
    'group.add_member': 'Added to a group',
    'group.remove_member': 'Removed from a group',
    'group.set_manager': 'Group manager changed',
    'group.give': 'Tokens of a pool given out',
    'group.budget': 'Limit of a group changed',
    'group.member_budget': 'Limit of a member changed',
    'prompt.share': 'Prompt shared',
    'prompt.change': 'Shared prompt changed',
    'prompt.end': 'Shared prompt deleted',
    'chats.read': 'Chats viewed',
    'audit.export': 'Audit log downloaded',
    'setup.link': 'Setup link created',
    'setup.superuser': 'First superuser created',
    'import.django': 'Imported from Django',
    'deployment.reread': 'Configuration file read again',
    'voucher.create': 'Vouchers created',
    'voucher.codes': 'Voucher codes printed or downloaded',
    'voucher.end': 'Vouchers ended',
    'user.import': 'Imported from a file',
    'user.directory': 'Changed by a directory',
    'scim_token.create': 'SCIM token created',
    'scim_token.end': 'SCIM token revoked',
    'user.export': 'Data exported',
    'invitation.create': 'People invited',
    'invitation.codes': 'Invitation codes printed or copied',
    'invitation.send': 'Invitations mailed',
    'invitation.extend': 'Invitations extended',
    'invitation.end': 'Invitations withdrawn',
    'invitation.accept': 'Came by an invitation',
    'backup.make': 'Backup created',
    'webhook.create': 'Webhook created',
    'webhook.change': 'Webhook changed',
    'webhook.secret': 'Webhook secret renewed',
    'webhook.end': 'Webhook deleted',
    'mail.test': 'Test mail sent',
    'sign_in.try': 'Sign-in tried',
    'mail.resend': 'Mail sent again',
    'key.create': 'Admin key created',
    'key.end': 'Admin key revoked',
    'site.change': 'Site appearance changed',
  } satisfies Record<AuditAction, string>,
  facts: {
    provider: 'sign-in service',
    ldap: 'LDAP directory',
    name: 'name',
    calendar: 'renews',
    windows: 'limits',
    models: 'models',
    requests_per_minute: 'requests per minute',
    usage_per_minute: 'model tokens per minute',
    plan: 'plan',
    ends_at: 'until',
    accounts: 'accounts',
    replaced_by: 'replaced by',
    is_active: 'active',
    is_staff: 'staff',
    is_superuser: 'superuser',
    goes_on: 'next page',
    actor: 'who',
    target: 'target',
    from: 'from',
    takes_effect: 'takes effect',
    to: 'to',
    action: 'action',
    search: 'search',
    link_made_by: 'link by',
    link_made_at: 'link made',
    is_first: 'first password',
    tokens: 'tokens',
    limit: 'limit',
    window: 'period',
    balance: 'balance',
    scopes: 'scopes',
    accent: 'accent colour',
    logo: 'logo',
    welcome_en: 'welcome text (English)',
    welcome_de: 'welcome text (German)',
    starters_en: 'starters (English)',
    starters_de: 'starters (German)',
    terms_url: 'terms of use',
    privacy_url: 'privacy',
    contact: 'whom to ask',
    key: 'API key',
    keys: 'API keys',
    charge: 'charge',
    users: 'users',
    superusers: 'superusers',
    chats: 'chats',
    file: 'file',
    host: 'machine',
    is_manager: 'manager',
    group_name: 'group',
    pool: 'with pool',
    more: 'more',
    codes: 'codes',
    people: 'people',
    plans: 'plans',
    joins: 'group members',
    user: 'account',
    invitation: 'invitation',
    invited_by: 'invited by',
    days: 'days',
    expires_at: 'valid until',
    uses_per_code: 'uses per code',
    uses_per_user: 'uses per user',
    redeemed: 'redeemed',
    group: 'group',
    joined: 'joined groups',
    stopped_at: 'stopped at row',
  },
  targets: {
    audit_log: 'audit log',
    site: 'site',
    chats: 'all chats',
    deployment: 'configuration file',
  },
  renewalPeriod,
  limitPeriod,
  limitOver: (tokens: number, period: string) => `${counted(tokens, 'token')} ${period}`,
  fromWhen: { now: 'at once', renewal: 'at the next renewal' },
  things: {
    voucher: 'vouchers',
    invitation: 'invitation',
    webhook: 'webhook',
    scim_token: 'SCIM token',
    prompt: 'prompt',
  },
  thing: (kind: string, end: string) => `${kind} …\u2060${end}`,
  charge: (end: string) => `charge …${end}`,
  yes: 'yes',
  no: 'no',
  none: 'none',
};
