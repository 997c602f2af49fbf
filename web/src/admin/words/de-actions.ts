/** What is said before something is done to users, and after it: in names and numbers. */
import type { AdminUser, UserDetail } from '../types.ts';
import type { FlagChange, Sorted, Sums } from './actions.ts';
import { accounts, sessions as countedSessions, number, tokens } from './de-plurals.ts';
import type { enDeeds } from './en-actions.ts';

/** A list of things reads as one would say it. */
const listed = new Intl.ListFormat('de', { type: 'conjunction' });

/** How many sessions and keys; undefined if there are none of both. */
function accessOf({ sessions, keys }: UserDetail): string | undefined {
  const parts = [
    ...(sessions.length > 0 ? [countedSessions(sessions.length)] : []),
    ...(keys.length > 0 ? [`${number(keys.length)} API-Schlüssel`] : []),
  ];
  return parts.length === 0 ? undefined : listed.format(parts);
}

function isOne({ sessions, keys }: UserDetail): boolean {
  return sessions.length + keys.length === 1;
}

function endOfHolds({ holds }: UserDetail): string[] {
  if (holds.length === 0) return [];
  return [
    holds.length === 1
      ? '1 Antwort, die gerade geschrieben wird, endet und wird berechnet, so weit sie kam.'
      : `${number(holds.length)} Antworten, die gerade geschrieben werden, enden und werden ` +
        'berechnet, so weit sie kamen.',
  ];
}

function ofDisabling(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  return [
    access === undefined
      ? `${name} kann sich nicht mehr anmelden. Es gibt keine Sitzungen und keine API-Schlüssel, ` +
        'die enden.'
      : `${name} kann sich nicht mehr anmelden. Binnen einer Sekunde ` +
        `${isOne(detail) ? 'gilt' : 'gelten'} ${access} nicht mehr.`,
    ...endOfHolds(detail),
  ];
}

function ofEnabling(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  if (access === undefined) return [`${name} kann sich wieder anmelden.`];
  const valid = isOne(detail) ? 'gilt' : 'gelten';
  return [`${name} kann sich wieder anmelden; ${access} ${valid} wieder.`];
}

function ofDeleting(detail: UserDetail): string[] {
  const { user } = detail;
  const access = accessOf(detail);
  const balance =
    user.tokens === 0
      ? `${user.username} hat keine Token, die verloren gehen.`
      : `${user.username} hat ${tokens(user.tokens)}; das Guthaben verfällt.`;
  return [
    access === undefined
      ? `${balance} Es gibt keine API-Schlüssel und keine Sitzungen.`
      : `${balance} ${access} ${isOne(detail) ? 'endet' : 'enden'}.`,
    ...endOfHolds(detail),
    'Name, Passwort und alles, was gesagt wurde, werden gelöscht. Die Buchungen bleiben, ohne ' +
      'Namen. Das lässt sich nicht rückgängig machen.',
  ];
}

function ofFlag({ username, is_superuser: isSuperuser }: AdminUser, change: FlagChange): string {
  if (change.is_superuser === true) {
    return (
      `${username} darf dann hier alles: was das Team darf, und dazu andere ins Team holen, zu ` +
      'Superusern machen und ihnen beides wieder nehmen, auch dir.'
    );
  }
  if (change.is_superuser === false) {
    return (
      `${username} bleibt im Team, kann aber niemanden mehr ins Team holen und an Superusern ` +
      'nichts mehr ändern.'
    );
  }
  if (change.is_staff === true) {
    return (
      `${username} kann dann diese Verwaltung nutzen: alle Konten sehen und was ihnen berechnet ` +
      'wurde, Token geben und nehmen, Konten sperren und löschen. Nur Superuser sind ausgenommen.'
    );
  }
  return (
    `${username} kann diese Verwaltung nicht mehr nutzen` +
    `${isSuperuser ? ' und ist auch kein Superuser mehr' : ''}. Das Konto selbst bleibt.`
  );
}

function flagNotice(username: string, change: FlagChange): string {
  if (change.is_superuser === true) return `${username} ist jetzt Superuser.`;
  if (change.is_superuser === false) return `${username} ist kein Superuser mehr.`;
  return change.is_staff
    ? `${username} gehört jetzt zum Team.`
    : `${username} gehört nicht mehr zum Team.`;
}

function ofLeavingOut({ disabledBefore, oneself, outOfReach }: Sorted): string[] {
  const many = disabledBefore.length;
  const names = listed.format(outOfReach.map(({ username }) => username));
  const stays = outOfReach.length === 1 ? 'bleibt' : 'bleiben';
  return [
    ...(many > 0
      ? [`${accounts(many)} deiner Auswahl ${many === 1 ? 'ist' : 'sind'} schon gesperrt.`]
      : []),
    ...(oneself ? [`Du (${oneself.username}) bleibst außen vor: niemand sperrt sich selbst.`] : []),
    ...(outOfReach.length > 0
      ? [`${names} ${stays} außen vor: Superuser können nur andere Superuser sperren.`]
      : []),
  ];
}

function ofDisablingMany(sorted: Sorted): string[] {
  const { able } = sorted;
  const staff = able.filter((it) => it.is_staff).length;
  const onStaff = staff === 0 ? 'keines davon im Team' : `${number(staff)} davon im Team`;
  const who =
    able.length === 1
      ? `1 Konto${staff === 1 ? ' des Teams' : ''} kann sich nicht mehr anmelden. `
      : `${accounts(able.length)}, ${onStaff}, können sich nicht mehr anmelden. `;
  return [
    `${who}Binnen einer Sekunde gelten Sitzungen und API-Schlüssel nicht mehr, und was gerade ` +
      'für sie geschrieben wird, endet.',
    ...ofLeavingOut(sorted),
  ];
}

function disabledNotice(count: number): string {
  return `${accounts(count)} gesperrt.`;
}

function sumsText({ accounts: count, given, taken }: Sums): string {
  const parts = [
    ...(given > 0 ? [`${tokens(given)} gegeben`] : []),
    ...(taken > 0 ? [`${tokens(taken)} genommen`] : []),
  ];
  return `${accounts(count)}: ${parts.join(', ')}.`;
}

function bookedNotice(sums: Sums, username: string | undefined): string {
  if (username === undefined) return `Gebucht, für ${sumsText(sums)}`;
  return sums.given > 0
    ? `Gebucht: ${username} hat ${tokens(sums.given)} bekommen.`
    : `Gebucht: ${username} wurden ${tokens(sums.taken)} genommen.`;
}

/** What is said of deeds, in German. */
export const deDeeds: typeof enDeeds = {
  ofDisabling,
  ofEnabling,
  ofDeleting,
  ofFlag,
  flagNotice,
  ofLeavingOut,
  ofDisablingMany,
  disabledNotice,
  sumsText,
  bookedNotice,
};
