/** What things are called: what was agreed is said, and what it took the place of is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';
import { pageTexts, panelTexts, textsWith } from './all-texts.ts';

/** Texts of the page by their names, in English and in German. */
const AGREED = {
  messagePlaceholder: ['Ask anything', 'Frag irgendetwas'],
  noConversations: ['Your chats will appear here.', 'Deine Chats erscheinen hier.'],
  welcome: [
    'Each message uses tokens from your balance. You see the cost before you send.',
    'Jede Nachricht kostet Token. Was sie kostet, siehst du vorher.',
  ],
  costsNothing: ['Free', 'Kostenlos'],
  username: ['Username', 'Benutzername'],
  signUp: ['Create account', 'Konto erstellen'],
  haveAccount: ['Sign in instead', 'Stattdessen anmelden'],
  systemPrompt: ['Instructions', 'Anweisungen'],
  systemPromptSet: ['Instructions set', 'Anweisungen gesetzt'],
  systemPromptText: [
    'The model follows this in every reply here.',
    'Daran hält sich das Modell in diesem Chat.',
  ],
  regenerate: ['Regenerate', 'Neu generieren'],
  thinking: ['Thinking…', 'Denkt nach …'],
  reconnecting: [
    'Connection lost. Reconnecting; your answer is safe.',
    'Verbindung unterbrochen. Die Antwort geht nicht verloren.',
  ],
  help: ['Keyboard shortcuts', 'Tastenkürzel'],
  shareStop: ['Stop sharing', 'Freigabe beenden'],
  sessions: ['Active sessions', 'Aktive Sitzungen'],
  thisSession: ['this device', 'dieses Gerät'],
  endSession: ['Sign out', 'Abmelden'],
  makeKey: ['Create key', 'Schlüssel erstellen'],
  endKey: ['Revoke', 'Widerrufen'],
  keyName: ['Name', 'Name'],
  keyShownOnce: [
    'Copy this key now; it won’t be shown again.',
    'Jetzt kopieren, er wird nicht wieder angezeigt.',
  ],
  system: ['System', 'System'],
  notFound: ['Chat not found.', 'Chat nicht gefunden.'],
  linkIsOver: ['This link no longer works.', 'Dieser Link funktioniert nicht mehr.'],
  nowhere: ['Page not found.', 'Seite nicht gefunden.'],
  toChat: ['Open chat', 'Chat öffnen'],
  setUpText: ['Create the administrator account.', 'Administratorkonto anlegen.'],
  choosePasswordText: ['This replaces your old password.', 'Ersetzt dein altes Passwort.'],
  listError: ['Couldn’t load your chats.', 'Chats konnten nicht geladen werden.'],
  edit: ['Edit', 'Bearbeiten'],
} as const;

const AGREED_ERRORS = {
  invalid_credentials: ['Wrong username or password.', 'Benutzername oder Passwort falsch.'],
  username_taken: ['That username is taken.', 'Der Name ist schon vergeben.'],
  body_too_large: ['This message is too long.', 'Nachricht zu lang.'],
  conversation_not_found: ['Chat not found.', 'Chat nicht gefunden.'],
} as const;

/** What they took the place of; whole texts are between the signs for beginning and end. */
const NO_MORE = [
  /say something/i,
  /what you talk about/i,
  /\d a (message|million)/i,
  /\bcosts 0\b/i,
  /^I (need|have) an account/i,
  /\bmake an? (account|key)\b/i,
  /do not belong together/i,
  /^somebody has this/i,
  /how it answers|you said how/i,
  /is told this before/i,
  /^(again|keys|end)$/i,
  /first word/i,
  /broke off/i,
  /nothing is lost/i,
  /take the link back/i,
  /^everybody who has/i,
  /where you are signed in|sign out there$/i,
  /what it is for$/i,
  /^this is the key/i,
  /as the system/i,
  /leads to no|is not yours/i,
  /^there is no page here/i,
  /may do everything here/i,
  /works no more/i,
  /cannot be read just now/i,
  /request body/i,
  /\blease\b/i,
  /^ändern$/i,
  // One word for one thing: a chat.
  /conversation|konversation|unterhaltung|gespräch/i,
];

test('the page says what was agreed, in both languages', () => {
  for (const [name, [english, german]] of Object.entries(AGREED)) {
    assert.equal(en[name as keyof typeof AGREED], english);
    assert.equal(de[name as keyof typeof AGREED], german);
  }
  for (const [code, [english, german]] of Object.entries(AGREED_ERRORS)) {
    assert.equal(en.errors[code as keyof typeof AGREED_ERRORS], english);
    assert.equal(de.errors[code as keyof typeof AGREED_ERRORS], german);
  }
  assert.deepEqual(
    [en.costsAtMost('51'), de.costsAtMost('51')],
    ['Up to 51 tokens', 'Höchstens 51 Token'],
  );
  assert.deepEqual(
    [en.perMessage('10'), de.perMessage('10')],
    ['10 per message', '10 pro Nachricht'],
  );
  assert.deepEqual(
    [en.perMillionOut('10,000'), de.perMillionOut('10.000')],
    ['10,000 per 1M output', '10.000 pro Mio. Ausgabe-Token'],
  );
  assert.deepEqual(
    [en.failures.model_broke_off, de.failures.model_broke_off],
    ['The answer was cut short.', 'Die Antwort wurde abgebrochen.'],
  );
});

test('no text says again what that took the place of, on the page or in the panel', () => {
  const inParams = new Proxy({}, { get: () => 'Ada' });
  const all = [...textsWith(['10', 10, inParams], { ...pageTexts, ...panelTexts })];
  assert.ok(all.length > 2_000, `only ${all.length} texts are read`);
  const wrong = all.filter(([, text]) => NO_MORE.some((it) => it.test(text)));
  assert.deepEqual(wrong, []);
});
