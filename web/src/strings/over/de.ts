import type { OverTexts } from './en.ts';

/** Dasselbe auf Deutsch. */
export const overDe: OverTexts = {
  share: {
    title: 'Chat teilen',
    link: 'Link zu diesem Chat',
    what: 'Jeder mit dem Link kann lesen',
    kinds: { snapshot: 'Eine Momentaufnahme', live: 'Den laufenden Chat' },
    kindTexts: {
      snapshot:
        'Der Chat, wie er jetzt ist. Was du später schreibst oder änderst, kommt nicht dazu.',
      live: 'Der Chat, wie er weitergeht, auch neue Nachrichten.',
    },
    end: 'Link gilt für',
    days: (count: number) => (count === 1 ? '1 Tag' : `${count} Tage`),
    never: 'Ohne Ende',
    keepEnd: 'So lassen',
    showName: 'Meinen Benutzernamen zeigen',
    neverShown: 'Kosten und Anweisungen werden nie gezeigt.',
    create: 'Link erstellen',
    save: 'Änderungen speichern',
    retake: 'Neue Momentaufnahme',
    isLive: 'Live: Neue Nachrichten gehören dazu.',
    isSnapshot: (when: string) => (when === '' ? 'Momentaufnahme.' : `Momentaufnahme vom ${when}.`),
    endsNever: 'Der Link gilt ohne Ende.',
    endsAt: (when: string) => `Der Link gilt bis ${when}.`,
  },
  data: {
    what: 'Alles, was über dich gespeichert ist: Konto, Chats, Auszug, Sitzungen und API-Schlüssel ohne die Schlüssel selbst.',
    archive: 'Alles herunterladen',
    json: 'Nur als JSON',
    busy: 'Wird vorbereitet …',
  },
  deletion: {
    title: 'Konto löschen',
    intro: 'Löscht dein Konto mit allem, was darin ist, endgültig.',
    open: 'Konto löschen …',
    goes: 'Was gelöscht wird',
    whatGoes: (left: string) => [
      'Alle deine Chats, ihre Links und dein Benutzername',
      'Alle Sitzungen und API-Schlüssel; was gerade läuft, wird gestoppt',
      'Mitgliedschaften in Gruppen',
      left === '0' ? 'Dein Guthaben (es ist nichts mehr da)' : `Dein Guthaben: ${left} Token`,
    ],
    stays: 'Was bleibt',
    whatStays:
      'Was gebucht wurde, bleibt ohne deinen Namen im Hauptbuch der Seite. Sicherungen der Seite enthalten deine Daten, bis sie gelöscht werden.',
    confirm: (name: string) => `Gib zur Bestätigung deinen Benutzernamen ${name} ein`,
    remove: 'Endgültig löschen',
  },
};
