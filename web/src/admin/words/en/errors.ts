import type {
  ErrorTexts,
  FaultTexts,
  PanelErrorCode,
  PanelFaultCode,
} from '../../../strings/error-texts.ts';
import { enNotices } from './notices.ts';
import { counted, number } from './plurals.ts';

/** Codes that mean something else here than in the chat. */
type ChangedErrorCode =
  | 'last_superuser'
  | 'directory_password'
  | 'ledger_unavailable'
  | 'idempotency_key_running'
  | 'idempotency_key_done'
  | 'api_key_not_found'
  | 'body_too_large'
  | 'request_timeout'
  | 'server_stopping';

const errors: ErrorTexts<PanelErrorCode | ChangedErrorCode> = {
  user_unknown: 'This user no longer exists.',
  own_account: 'You can’t do this to your own account. Ask another superuser.',
  last_superuser: 'This is the only superuser. Make someone else a superuser first.',
  directory_password: 'The directory checks this user’s password. It is changed there.',
  account_busy: 'This user’s answer is still in progress. Please try again in a moment.',
  balance_limit: 'The balance would exceed the maximum.',
  grants_refused: ({ refused }) =>
    `Nothing was applied: ${counted(refused, 'account')} can’t be changed as listed. ` +
    'Preview the list again to see why.',
  chats_hidden: 'Staff can’t view chats on this site. Set CHIT_STAFF_READS_CHATS=1 to allow it.',
  plan_not_found: 'This plan no longer exists.',
  plan_name_taken: 'Another plan has this name.',
  plan_ended: 'This plan has ended.',
  transfer_not_found: 'This transaction doesn’t exist.',
  not_refundable: 'Only charges can be refunded.',
  refunded_already: 'This charge has already been refunded.',
  deployment_invalid: ({ faults }) =>
    `Nothing was changed: the file has ${counted(faults, 'error')}. Check it again for details.`,
  deployment_changed:
    'Nothing was changed: the file has changed since you checked it. Check it again.',
  trial_not_found: 'This trial is over, or it isn’t yours. Try it again.',
  directory_not_set: 'chit.json has no directory. Add “ldap” to it and put the file in force.',
  appearance_changed:
    'Nothing was saved: someone else has changed the site’s appearance. Reload the page to see it.',
  webhook_not_found: 'This webhook no longer exists.',
  too_many_webhooks: ({ max }) =>
    `There can be up to ${counted(max, 'webhook')}. Delete one first.`,
  delivery_not_found: 'This is no longer kept, or it is being sent again already.',
  email_missing: 'Add an e-mail address on your account page and confirm it first.',
  mail_failed: ({ reason, problem }) => `${enNotices.mailProblems[problem]} (${reason})`,
  mail_not_repeated: ({ obstacle }) =>
    `The mail is not sent again. ${enNotices.mailObstacles[obstacle]}.`,
  admin_key_not_found: 'This admin key was already revoked.',
  too_many_admin_keys: ({ max }) =>
    `You can have at most ${counted(max, 'admin key')}. End one that is no longer used.`,
  backup_running: 'A backup is already in progress.',
  scim_token_not_found: 'This SCIM token no longer exists.',
  scim_token_name_taken: 'Another SCIM token has this name. Choose another one.',
  backup_impossible: 'This server can’t make backups. The page says why.',
  group_not_found: 'This group no longer exists.',
  group_name_taken: 'Another group has this name.',
  group_ended: 'This group has ended.',
  group_without_pool: 'This group has no pool.',
  group_member_not_found: 'This user is no longer in the group.',
  users_unknown: ({ users, count }) =>
    `Nothing was changed. There is no user ${named(users, count)}.`,
  not_members: ({ count }) =>
    `Nothing was given: ${count === 1 ? 'a user is' : `${number(count)} users are`} no longer in ` +
    'the group.',
  pool_insufficient: ({ needed }) =>
    `Nothing was given: the pool has less than ${counted(needed, 'token')} that can be given out.`,
  gift_to_oneself: 'Nothing was given: you can’t give tokens to yourself. Ask staff to do it.',
  budget_not_found: 'This limit no longer exists.',
  too_many_budgets: ({ max }) =>
    `A group can have up to ${counted(max, 'limit')}. Remove one first.`,
  permission_denied: 'You don’t have permission to do this.',
  import_refused: ({ faults }) =>
    `Nothing was imported: the file has ${counted(faults, 'error')}. Check it again for details.`,
  import_changed:
    'Nothing was imported: the result would differ from what you saw. Check the file again.',
  voucher_batch_not_found: 'These vouchers don’t exist.',
  voucher_codes_lost:
    'The codes can’t be shown again: the server’s secret key is no longer the one they were made ' +
    'with. Codes that were handed out still work. For more, make new vouchers.',
  invitation_not_found: 'Nobody can use these invitations any more, or they don’t exist.',
  invitation_codes_lost:
    'These codes no longer work: the server’s secret key is not the one they were made with. ' +
    'Extend the invitations; then they have new codes.',
  invitations_refused: ({ faults }) =>
    `Nobody was invited: the list has ${counted(faults, 'error')}.`,
  invitations_changed:
    'Nobody was invited: the result would differ from what you saw. Check the list again.',
  ledger_unavailable: ({ is_outcome_unknown: isOutcomeUnknown }) =>
    isOutcomeUnknown
      ? 'The server lost its database connection, so it is not known whether this was done.'
      : 'The server can’t reach its database right now. Nothing was changed.',
  idempotency_key_running: 'This list is already being applied. Please try again in a moment.',
  idempotency_key_done: 'This list has already been applied.',
  api_key_not_found: 'This API key no longer exists.',
  body_too_large: 'This is too much for one request.',
  request_timeout: 'The connection is too slow for this request.',
  server_stopping: 'The server is restarting. Please try again in a moment.',
};

function named(users: readonly string[], count: number): string {
  const more = count > users.length ? ` and ${number(count - users.length)} more` : '';
  return users.map((it) => `“${it}”`).join(', ') + more;
}

const fieldFaults: FaultTexts<PanelFaultCode> = {
  too_few_items: ({ min }) => `At least ${counted(min, 'entry', 'entries')}, please.`,
  too_many_items: ({ max }) => `At most ${counted(max, 'entry', 'entries')}, please.`,
  not_a_choice: 'This is not one of the choices.',
  not_a_time: 'This is not a valid date.',
  not_in_the_future: 'This must be in the future.',
  not_https: 'This must be an address that begins with https://.',
  not_a_logo: ({ reason, max }) =>
    reason === 'format'
      ? 'The logo must be a PNG, JPEG or WebP picture.'
      : reason === 'bytes'
        ? `The logo must have at most ${number(max / 1024)} KB.`
        : `The logo must be at most ${number(max)} pixels wide and high.`,
  superuser_is_staff: 'A superuser is always staff.',
  start_after_end: 'The start must be before the end, and not in the future.',
  span_too_long: ({ max_days: days, step }) =>
    `At most ${counted(days, 'day')} by ${step}. Choose a later start.`,
};

/** Why the server refuses something, by code. */
export const enErrors = { errors, fieldFaults };
