/** The panel's texts, in English and German. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode, FieldFault } from '../../../src/http/framework/error-schema.ts';
import type { AdminUser, UserDetail } from '../../../web/src/admin/types.ts';
import { de } from '../../../web/src/admin/words/de.ts';
import { en, type Words } from '../../../web/src/admin/words/en.ts';
import { de as pageDe } from '../../../web/src/strings/de.ts';
import { en as pageEn } from '../../../web/src/strings/en.ts';

/** Whether a route for staff can answer with a code. */
const STAFF_CODES: Record<ErrorCode, boolean> = {
  invalid_fields: true,
  username_taken: true,
  invalid_credentials: false,
  signup_closed: false,
  throttled: true,
  rate_limited: true,
  // A session that has ended leads to the sign-in page.
  credentials_missing: false,
  authorization_header_malformed: false,
  api_key_invalid: false,
  api_key_not_found: true,
  too_many_api_keys: false,
  access_token_invalid: false,
  token_invalid: false,
  token_without_user: false,
  user_not_found: false,
  user_inactive: false,
  permission_denied: true,
  insufficient_credits: true,
  payer_unknown: false,
  model_not_paid: false,
  limit_above_staff: false,
  limit_not_found: true,
  api_key_budget_exceeded: false,
  model_missing: false,
  wire_not_spoken: false,
  model_not_found: true,
  model_refused: true,
  model_busy: true,
  model_unavailable: true,
  model_failed: true,
  balance_limit: true,
  ledger_unavailable: true,
  overloaded: true,
  server_busy: true,
  session_not_found: false,
  conversation_not_found: false,
  folder_not_found: false,
  too_many_folders: false,
  conversation_too_long: false,
  message_not_found: false,
  parent_not_found: false,
  // The panel makes its idempotency keys itself, and they are valid.
  idempotency_key_invalid: false,
  idempotency_key_reused: true,
  idempotency_key_running: true,
  idempotency_key_done: true,
  user_unknown: true,
  own_account: true,
  last_superuser: true,
  account_busy: true,
  grants_refused: true,
  chats_hidden: true,
  link_invalid: false,
  plan_not_found: true,
  plan_name_taken: true,
  plan_ended: true,
  transfer_not_found: true,
  not_refundable: true,
  refunded_already: true,
  deployment_invalid: true,
  deployment_changed: true,
  backup_running: true,
  backup_impossible: true,
  group_not_found: true,
  group_name_taken: true,
  group_ended: true,
  group_without_pool: true,
  group_member_not_found: true,
  users_unknown: true,
  not_members: true,
  pool_insufficient: true,
  gift_to_oneself: true,
  budget_not_found: true,
  too_many_budgets: true,
  // Only a fault in the panel itself would lead here.
  not_found: false,
  method_not_allowed: false,
  body_too_large: true,
  unsupported_media_type: false,
  precondition_failed: false,
  range_not_satisfiable: false,
  malformed_request: false,
  request_timeout: true,
  server_stopping: true,
  cross_site_request: false,
  internal_error: true,
};
/** Shown by their status 429, with the time to wait. */
const RATE_CODES = ['throttled', 'rate_limited'];

/** Whether a route for staff can find this fault. */
const STAFF_FAULTS: Record<FieldFault['code'], boolean> = {
  required: true,
  null: true,
  blank: true,
  invalid: true,
  wrong_type: true,
  too_short: true,
  too_long: true,
  out_of_range: true,
  too_few_items: true,
  too_many_items: true,
  not_a_choice: true,
  not_storable: true,
  not_a_time: true,
  wrong_password: false,
  unknown_model: true,
  not_in_the_future: true,
  superuser_is_staff: true,
  span_too_long: true,
  start_after_end: true,
};

const NOW = '2026-11-23T12:00:00.000Z';
const USER: AdminUser = {
  id: 1,
  username: 'ada',
  tokens: 0,
  held: 0,
  date_joined: NOW,
  last_seen: null,
  is_active: true,
  is_staff: false,
  is_superuser: false,
};
/** Texts that are built from users, which have a test of their own. */
const CONSEQUENCES = [
  'disableConsequences',
  'enableConsequences',
  'deleteConsequences',
  'roleConsequences',
  'roleChanged',
  'leftOut',
  'disableManyConsequences',
  'totalsText',
  'appliedText',
  'planEffect',
];

test('every error that a staff route can answer with has a text in both languages', () => {
  const needed = namesIn(STAFF_CODES).filter(
    (code) => code !== 'invalid_fields' && !RATE_CODES.includes(code),
  );
  for (const [panel, page] of [
    [en, pageEn],
    [de, pageDe],
  ] as const) {
    const texts = { ...page.errors, ...panel.errors };
    assert.deepEqual(
      needed.filter((code) => !(code in texts)),
      [],
    );
    const faultTexts = { ...page.fieldFaults, ...panel.fieldFaults };
    assert.deepEqual(
      namesIn(STAFF_FAULTS).filter((code) => !(code in faultTexts)),
      [],
    );
  }
});

test('every text differs between the languages', () => {
  for (const count of [1, 2]) {
    const german = new Map(textsOf(de, count));
    const same = textsOf(en, count).filter(([name, text]) => german.get(name) === text);
    // The same word in both languages, or nothing but its parameters.
    assert.deepEqual(same.map(([name]) => name).toSorted(), [
      'adminKeyName',
      'chats',
      'id',
      'importCounts.links',
      'limit',
      'listPlaceholder',
      'median',
      'server',
      'signInMapped',
      'signInMembers.client',
      'signInMembers.filter',
      'signInMembers.scopes',
      'sources..env',
      'superuser',
      'thing',
      'version',
      'voucherCodes',
      'voucherName',
      'webhookName',
      'webhooks',
    ]);
  }
});

test('the consequences of an action are told in both languages, for none, one and several', () => {
  for (const count of [0, 1, 2]) {
    for (const [name, english] of Object.entries(consequencesIn(en, count))) {
      const german = consequencesIn(de, count)[name] ?? [];
      assert.equal(german.length, english.length, name);
      for (const [index, sentence] of english.entries()) {
        assert.notEqual(german[index], sentence);
        assert.doesNotMatch(german[index] ?? '', /\b(the|is|are|and|of|tokens|users?)\b/);
      }
    }
  }
});

test('numbers and plurals follow the language', () => {
  assert.equal(en.refundTokens(1), 'Refund 1 token');
  assert.equal(de.refundTokens(1), '1 Token erstatten');
  assert.equal(en.spent(1), '1 token spent');
  assert.equal(en.spentOf(0, 1), '0 of 1 token spent');
  assert.equal(en.replyCost(1, '2 s'), '1 token · 2 s');
  assert.equal(en.apply(12_000), 'Apply to 12,000 accounts');
  assert.equal(de.apply(12_000), 'Für 12.000 Konten buchen');
  assert.equal(de.apply(1), 'Für 1 Konto buchen');
  const detail = userWith(2);
  assert.match(
    en.disableConsequences(detail).join(' '),
    /2 sessions and 2 API keys stop working within a second/,
  );
  assert.match(
    de.disableConsequences(detail).join(' '),
    /2 Sitzungen und 2 API-Schlüssel gelten nach spätestens einer Sekunde nicht mehr/,
  );
});

/** The names whose value is true. */
function namesIn(table: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(table).filter((name) => table[name]);
}

/** All texts of a dictionary by name, with this count as every parameter. */
function textsOf(dictionary: Words, count: number): [string, string][] {
  const { errors: _errors, fieldFaults: _faults, descriptionsNote: _note, ...all } = dictionary;
  // `doctor-words.test.ts` has those of the health check.
  const { findings: _findings, ...rest } = all;
  const texts = Object.entries(rest).filter(([name]) => !CONSEQUENCES.includes(name));
  return texts.flatMap(([name, it]) => leavesOf(name, it, count));
}

function leavesOf(name: string, it: unknown, count: number): [string, string][] {
  if (typeof it === 'string') return [[name, it]];
  // A parameter that is a text may be a number here.
  if (typeof it === 'function') return [[name, String(it(...Array(it.length).fill(count)))]];
  return Object.entries(it as object).flatMap(([key, more]) =>
    leavesOf(`${name}.${key}`, more, count),
  );
}

/** A user with this many sessions, keys, tokens and answers in progress. */
function userWith(count: number): UserDetail {
  const many = <T>(it: T): T[] => Array.from({ length: count }, () => it);
  return {
    user: { ...USER, tokens: count },
    plan: null,
    holds: many({ id: '1', model: 'demo', tokens: 1, created_at: NOW }),
    keys: many({
      id: '1',
      name: 'k',
      prefix: 'sk',
      budget: null,
      spent: 0,
      last_used_at: null,
    }),
    sessions: many({ id: '1', created_at: NOW, expires_at: NOW }),
  };
}

/** The consequences of all actions on this many users. */
function consequencesIn(words: Words, count: number): Record<string, string[]> {
  const detail = userWith(count);
  const users = Array.from({ length: count }, () => ({ ...USER, is_staff: count === 1 }));
  const selection = {
    able: [USER, ...users],
    alreadyDisabled: users,
    protectedUsers: users,
    oneself: count > 0 ? USER : undefined,
  };
  const totals = { accounts: count, added: count, removed: 2 - count };
  const changes = [{ is_superuser: true }, { is_superuser: false }, { is_staff: true }, {}];
  const user = { ...USER, is_superuser: count === 1 };
  return {
    disable: words.disableConsequences(detail),
    enable: words.enableConsequences(detail),
    delete: words.deleteConsequences(detail),
    role: changes.map((it) => words.roleConsequences(user, it)),
    roleChanged: changes.map((it) => words.roleChanged(USER.username, it)),
    disableMany: [selection, { ...selection, able: users }].flatMap((it) =>
      words.disableManyConsequences(it),
    ),
    planEffect: [undefined, 'a day', 'another day'].flatMap((first) =>
      (['now', 'renewal'] as const).flatMap((from) =>
        words.planEffect({
          accounts: count,
          untouched: count,
          from,
          expired: count,
          given: count,
          first,
          last: first && 'another day',
        }),
      ),
    ),
    applied: [undefined, 'ada'].map((it) => words.appliedText(totals, it)),
  };
}
