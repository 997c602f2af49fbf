/** Every language says everything, also what the server says; the panel as well as the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTINGS } from '../../../src/config.ts';
import type { AdminUser, UserDetail } from '../../../web/src/admin/types.ts';
import { de as panelDe } from '../../../web/src/admin/words/de.ts';
import { deDeeds } from '../../../web/src/admin/words/de-actions.ts';
import { en as panelEn, type Words } from '../../../web/src/admin/words/en.ts';
import { enDeeds } from '../../../web/src/admin/words/en-actions.ts';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';

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

test('no sentence was left in the other language', () => {
  const same = Object.entries(en).filter(
    ([name, words]) => typeof words === 'string' && words === de[name as keyof typeof de],
  );
  // These are the same word in both.
  assert.deepEqual(same.map(([name]) => name).toSorted(), ['appName', 'conversations', 'system']);
});

test('no sentence of the panel was left in the other language', () => {
  for (const count of [1, 2]) {
    const german = new Map(sentencesOf(panelDe, count));
    const same = sentencesOf(panelEn, count).filter(([name, words]) => german.get(name) === words);
    // These are the same word in both, or nothing but what is put into them.
    assert.deepEqual(same.map(([name]) => name).toSorted(), [
      'chats',
      'listHint',
      'name',
      'sources..env',
      'superuser',
    ]);
  }
});

test('what is said of deeds is said in every language, of one and of many', () => {
  for (const count of [0, 1, 2]) {
    for (const [name, english] of Object.entries(deedsIn(enDeeds, count))) {
      const german = deedsIn(deDeeds, count)[name] ?? [];
      assert.equal(german.length, english.length, name);
      for (const [nth, sentence] of english.entries()) {
        assert.notEqual(german[nth], sentence);
        assert.doesNotMatch(german[nth] ?? '', /\b(the|is|are|and|of|tokens|users?)\b/);
      }
    }
  }
});

test('numbers and plurals are those of the language', () => {
  assert.equal(panelEn.refundDeed(1), 'Refund 1 token');
  assert.equal(panelDe.refundDeed(1), '1 Token erstatten');
  assert.equal(panelEn.book(12_000), 'Book for 12,000 accounts');
  assert.equal(panelDe.book(12_000), 'Für 12.000 Konten buchen');
  assert.equal(panelDe.book(1), 'Für 1 Konto buchen');
  const [english, german] = [enDeeds, deDeeds].map((it) => it.ofDisabling(detailWith(2)));
  assert.match(english?.join(' ') ?? '', /Within a second 2 sessions and 2 API keys stop working/);
  assert.match(german?.join(' ') ?? '', /gelten 2 Sitzungen und 2 API-Schlüssel nicht mehr/);
});

test('notes of settings are said in German, and sentences with numbers keep them', () => {
  for (const { fallback, fallbackNote = '' } of Object.values(SETTINGS) as Noted[]) {
    const shown = `(${fallbackNote.replaceAll('`', '')})`;
    if (fallback === '') assert.ok(shown in panelDe.said, shown);
  }
  const saidOf = (sentence: string) => {
    const like = panelDe.saidWith.find(([it]) => it.test(sentence));
    return like && sentence.replace(...like);
  };
  assert.equal(
    saidOf('At most 400 days by day. Begin later, or go by longer periods.'),
    'Nach Tagen höchstens 400 Tage. Beginne später.',
  );
});

interface Noted {
  readonly fallback: string;
  readonly fallbackNote?: string;
}

/** All that a dictionary says, by name, with this number put into it. */
function sentencesOf(dictionary: Words, count: number): [string, string][] {
  const { said: _said, saidWith: _with, meaningsInEnglish: _only, ...rest } = dictionary;
  const words = Object.entries(rest).filter(([name]) => !(name in enDeeds));
  return words.flatMap(([name, it]) => leavesOf(name, it, count));
}

function leavesOf(name: string, it: unknown, count: number): [string, string][] {
  if (typeof it === 'string') return [[name, it]];
  // What takes a text takes a number as well, to be put into it.
  if (typeof it === 'function') return [[name, String(it(...Array(it.length).fill(count)))]];
  return Object.entries(it as object).flatMap(([key, more]) =>
    leavesOf(`${name}.${key}`, more, count),
  );
}

/** Somebody with so many sessions, keys and answers that are being written. */
function detailWith(count: number): UserDetail {
  const many = <T>(it: T): T[] => Array.from({ length: count }, () => it);
  const times = { created_at: NOW, expires_at: NOW };
  const budget = { budget: null, spent: 0, held: 0 };
  return {
    user: { ...USER, tokens: count },
    holds: many({ id: '1', model: 'demo', tokens: 1, created_at: NOW }),
    keys: many({
      id: '1',
      name: 'k',
      prefix: 'sk',
      models: [],
      ...budget,
      ...times,
      last_used_at: null,
    }),
    sessions: many({ id: '1', ...times }),
  } as UserDetail;
}

/** All that can be said of deeds to so many. */
function deedsIn(deeds: typeof enDeeds, count: number): Record<string, string[]> {
  const detail = detailWith(count);
  const users = Array.from({ length: count }, () => ({ ...USER, is_staff: count === 1 }));
  const sorted = {
    able: [USER, ...users],
    disabledBefore: users,
    outOfReach: users,
    oneself: count > 0 ? USER : undefined,
  };
  const sums = { accounts: count, given: count, taken: 2 - count };
  const flags = [{ is_superuser: true }, { is_superuser: false }, { is_staff: true }, {}];
  return {
    ofDisabling: deeds.ofDisabling(detail),
    ofEnabling: deeds.ofEnabling(detail),
    ofDeleting: deeds.ofDeleting(detail),
    ofFlag: flags.map((it) => deeds.ofFlag({ ...USER, is_superuser: count === 1 }, it)),
    flagNotice: flags.map((it) => deeds.flagNotice(USER.username, it)),
    ofDisablingMany: [sorted, { ...sorted, able: users }].flatMap(deeds.ofDisablingMany),
    booked: [undefined, 'ada'].map((it) => deeds.bookedNotice(sums, it)),
    disabledNotice: [deeds.disabledNotice(count)],
  };
}
