import type { AdminUser, UserDetail } from '../../types.ts';
import type { DisableSelection, enAccounts, RoleChange } from '../en/accounts.ts';
import { accounts, sessions as countedSessions, number, tokens } from './plurals.ts';

const list = new Intl.ListFormat('de', { type: 'conjunction' });

/** The number of sessions and API keys; undefined if there are none of both. */
function accessOf({ sessions, keys }: UserDetail): string | undefined {
  const parts = [
    ...(sessions.length > 0 ? [countedSessions(sessions.length)] : []),
    ...(keys.length > 0 ? [`${number(keys.length)} API-Schlüssel`] : []),
  ];
  return parts.length === 0 ? undefined : list.format(parts);
}

function isOne({ sessions, keys }: UserDetail): boolean {
  return sessions.length + keys.length === 1;
}

function repliesInProgress({ holds }: UserDetail): string[] {
  if (holds.length === 0) return [];
  return [
    holds.length === 1
      ? '1 laufende Antwort wird abgebrochen; was schon geschrieben ist, wird berechnet.'
      : `${number(holds.length)} laufende Antworten werden abgebrochen; was schon geschrieben ` +
        'ist, wird berechnet.',
  ];
}

function disableConsequences(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  return [
    access === undefined
      ? `${name} kann sich nicht mehr anmelden. Es gibt keine Sitzungen und keine API-Schlüssel.`
      : `${name} kann sich nicht mehr anmelden. ${access} ` +
        `${isOne(detail) ? 'gilt' : 'gelten'} nach spätestens einer Sekunde nicht mehr.`,
    ...repliesInProgress(detail),
  ];
}

function enableConsequences(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  if (access === undefined) return [`${name} kann sich wieder anmelden.`];
  const valid = isOne(detail) ? 'gilt' : 'gelten';
  return [`${name} kann sich wieder anmelden; ${access} ${valid} wieder.`];
}

function deleteConsequences(detail: UserDetail): string[] {
  const { user } = detail;
  const access = accessOf(detail);
  const balance =
    user.tokens === 0
      ? `${user.username} hat keine Token mehr.`
      : `${user.username} hat ${tokens(user.tokens)}; das Guthaben verfällt.`;
  return [
    access === undefined
      ? `${balance} Es gibt keine API-Schlüssel und keine Sitzungen.`
      : `${balance} ${access} ${isOne(detail) ? 'endet' : 'enden'}.`,
    ...repliesInProgress(detail),
    'Benutzername, Passwort und alle Chats werden gelöscht. Die Buchungen bleiben ohne Namen ' +
      'erhalten. Das lässt sich nicht rückgängig machen.',
  ];
}

function roleConsequences(user: AdminUser, change: RoleChange): string {
  const { username } = user;
  if (change.is_superuser === true) {
    return (
      `${username} darf dann hier alles: was das Team darf, und außerdem andere ins Team ` +
      'aufnehmen, zu Superusern machen und ihnen beides wieder entziehen, auch dir.'
    );
  }
  if (change.is_superuser === false) {
    return (
      `${username} bleibt im Team, kann aber niemanden mehr aufnehmen und keine Superuser mehr ` +
      'verwalten.'
    );
  }
  if (change.is_staff === true) {
    return (
      `${username} kann dann diese Verwaltung nutzen: alle Konten und ihre Kosten sehen, Token ` +
      'hinzufügen und abziehen, Konten sperren und löschen. Nur Superuser sind geschützt.'
    );
  }
  return (
    `${username} kann diese Verwaltung nicht mehr nutzen` +
    `${user.is_superuser ? ' und ist kein Superuser mehr' : ''}. Das Konto selbst bleibt.`
  );
}

function roleChanged(username: string, change: RoleChange): string {
  if (change.is_superuser === true) return `${username} ist jetzt Superuser.`;
  if (change.is_superuser === false) return `${username} ist kein Superuser mehr.`;
  return change.is_staff
    ? `${username} gehört jetzt zum Team.`
    : `${username} gehört nicht mehr zum Team.`;
}

function leftOut({ alreadyDisabled, oneself, protectedUsers }: DisableSelection): string[] {
  const count = alreadyDisabled.length;
  const names = list.format(protectedUsers.map(({ username }) => username));
  const isSkipped = protectedUsers.length === 1 ? 'wird' : 'werden';
  return [
    ...(count > 0
      ? [`${accounts(count)} deiner Auswahl ${count === 1 ? 'ist' : 'sind'} schon gesperrt.`]
      : []),
    ...(oneself
      ? [`Du (${oneself.username}) wirst ausgelassen: Du kannst dich nicht selbst sperren.`]
      : []),
    ...(protectedUsers.length > 0
      ? [`${names} ${isSkipped} ausgelassen: Nur Superuser können Superuser sperren.`]
      : []),
  ];
}

function disableManyConsequences(selection: DisableSelection): string[] {
  const { able } = selection;
  const staff = able.filter((it) => it.is_staff).length;
  const ofThem = staff === 0 ? 'keines davon im Team' : `${number(staff)} davon im Team`;
  const who =
    able.length === 1
      ? `1 Konto${staff === 1 ? ' des Teams' : ''} kann sich nicht mehr anmelden. `
      : `${accounts(able.length)}, ${ofThem}, können sich nicht mehr anmelden. `;
  return [
    `${who}Sitzungen und API-Schlüssel gelten nach spätestens einer Sekunde nicht mehr, und ` +
      'laufende Antworten werden abgebrochen.',
    ...leftOut(selection),
  ];
}

/** Texts about users and their accounts, in German. */
export const deAccounts: typeof enAccounts = {
  // The list.
  searchUsers: 'Benutzername beginnt mit, oder ID',
  state: 'Status',
  anyState: 'Jeder Status',
  active: 'Aktiv',
  disabled: 'Gesperrt',
  role: 'Rolle',
  anyRole: 'Jede Rolle',
  staff: 'Team',
  superuser: 'Superuser',
  joined: 'Dabei seit',
  lastSeen: 'Zuletzt aktiv',
  never: 'nie',
  lastSeenAt: (when) => `Zuletzt aktiv: ${when}`,
  neverSeen: 'Noch nie aktiv',
  noUsers: 'Kein Konto passt dazu. Ändere die Suche oder die Filter.',
  actions: 'Aktionen',
  selected: (count) => `${count} ausgewählt`,
  selectAll: 'Alle angezeigten auswählen',
  select: (name) => `${name} auswählen`,
  clearSelection: 'Auswahl aufheben',
  addTokensTo: (count) => `Token hinzufügen oder abziehen: ${count}`,
  disable: 'Sperren',
  enable: 'Entsperren',
  disableMany: (count) => `${accounts(count)} sperren`,
  keyboardHint:
    'Pfeiltasten bewegen, Leertaste wählt aus, Umschalt erweitert die Auswahl, Strg+A wählt ' +
    'alle aus, Eingabe öffnet.',
  addTokensShort: 'Token hinzufügen',
  addTokensToUser: (name) => `Token hinzufügen: ${name}`,
  disableUser: (name) => `${name} sperren`,
  enableUser: (name) => `${name} entsperren`,

  // A new user.
  newUser: 'Neues Konto',
  createAccount: 'Konto erstellen',
  openingBalance: 'Anfangsguthaben in Token (leer: wie bei der Registrierung)',
  passwordOptional: 'Passwort (leer: du bekommst einen Link, um eines zu wählen)',
  wholeNumber: 'Eine ganze Zahl mit höchstens 15 Ziffern',
  linkText: 'Jetzt kopieren, der Link wird nicht wieder angezeigt.',
  linkExpires: (when) =>
    `Er funktioniert einmal, bis ${when}. Wer ihn benutzt, beendet damit die Sitzungen und ` +
    'API-Schlüssel des Kontos und erfährt, dass der Link von dir ist.',
  accountCreated: (name) => `Das Konto ${name} wurde erstellt.`,
  openUser: (name) => `${name} öffnen`,
  createAnother: 'Weiteres Konto erstellen',

  // One user.
  userNotFound: 'Konto nicht gefunden',
  userNotFoundText: (id) => `Es gibt kein Konto mit der ID ${id}. Vielleicht wurde es gelöscht.`,
  id: 'ID',
  account: 'Konto',
  held: 'Reserviert',
  addTokens: 'Token hinzufügen oder abziehen',
  auditEntries: 'Protokolleinträge',
  inProgress: 'Läuft gerade',
  nothingInProgress: 'Keine laufenden Antworten.',
  heldSince: (held, when) => `${tokens(held)} reserviert seit ${when}`,
  makeStaff: 'Ins Team aufnehmen',
  removeStaff: 'Aus dem Team entfernen',
  makeSuperuser: 'Zum Superuser machen',
  removeSuperuser: 'Superuser-Rolle entziehen',
  passwordLink: 'Passwort-Link erstellen',
  deleteUser: 'Löschen',

  // Access.
  keys: 'API-Schlüssel',
  noKeys: 'Keine API-Schlüssel.',
  spent: (spent) => `${tokens(spent)} verbraucht`,
  spentOf: (spent, budget) => `${number(spent)} von ${tokens(budget)} verbraucht`,
  lastUsed: (when) => `zuletzt benutzt: ${when}`,
  revoke: 'Widerrufen',
  revokeKey: 'API-Schlüssel widerrufen',
  revokeKeyTitle: (key) => `Den API-Schlüssel ${key} widerrufen?`,
  revokeKeyText: (name, prefix, spent) =>
    `Der API-Schlüssel ${prefix} von ${name}, mit dem ${tokens(spent)} verbraucht wurden, gilt ` +
    'sofort nicht mehr. Das lässt sich nicht rückgängig machen.',
  keyRevoked: (key, name) => `Der API-Schlüssel ${key} von ${name} wurde widerrufen.`,
  sessions: 'Aktive Sitzungen',
  noSessions: 'Keine aktiven Sitzungen.',
  signedIn: (when) => `angemeldet: ${when}`,
  expires: (when) => `läuft ab: ${when}`,
  endSessions: 'Überall abmelden',
  endSessionsTitle: (name) => `${name} überall abmelden?`,
  endSessionsText: (count) =>
    `${countedSessions(count)} ${count === 1 ? 'endet' : 'enden'}; offene Seiten fragen ` +
    'innerhalb von Minuten nach dem Passwort. API-Schlüssel gelten weiter.',
  sessionsEnded: (count, name) => `${name} wurde aus ${countedSessions(count)} abgemeldet.`,

  // Questions before an action, and what was done.
  limits: 'Konten und Limits',
  personalAccount: 'Persönliches Konto',
  staffLimit: 'Limit vom Team',
  disableTitle: (name) => `${name} sperren?`,
  enableTitle: (name) => `${name} entsperren?`,
  isDisabled: (name) => `${name} ist gesperrt.`,
  isEnabled: (name) => `${name} ist entsperrt.`,
  nobodyToDisable: 'Keines der ausgewählten Konten kann gesperrt werden.',
  deleteTitle: (name) => `${name} endgültig löschen?`,
  isDeleted: (name) => `${name} wurde gelöscht.`,
  disabledMany: (count) => `${accounts(count)} gesperrt.`,
  disableConsequences,
  enableConsequences,
  deleteConsequences,
  roleConsequences,
  roleChanged,
  leftOut,
  disableManyConsequences,
};
