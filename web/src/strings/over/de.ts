import type { OverTexts } from './en.ts';

/** @param count as it is written */
const of = (count: string, one: string, many: string) => `${count} ${count === '1' ? one : many}`;
const chats = (count: string) => of(count, 'Chat', 'Chats');
const messages = (count: string) => of(count, 'Nachricht', 'Nachrichten');

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
    never: 'Unbegrenzt',
    keepEnd: 'So lassen',
    showName: 'Meinen Benutzernamen zeigen',
    neverShown: 'Kosten und Anweisungen werden nie gezeigt.',
    create: 'Link erstellen',
    save: 'Änderungen speichern',
    retake: 'Neue Momentaufnahme',
    isLive: 'Live: Neue Nachrichten gehören dazu.',
    isSnapshot: (when: string) => (when === '' ? 'Momentaufnahme.' : `Momentaufnahme vom ${when}.`),
    endsNever: 'Der Link gilt unbegrenzt.',
    endsAt: (when: string) => `Der Link gilt bis ${when}.`,
  },
  import: {
    title: 'Chats importieren',
    intro:
      'Bring deine Chats von ChatGPT, Claude, Open WebUI oder LibreChat mit. Das kostet nichts.',
    open: 'Chats importieren …',
    how:
      'Wähle die Datei, die du dort heruntergeladen hast: eine JSON-Datei oder die ' +
      'Zip-Datei, in der sie ist. Zuerst siehst du, was darin ist; vorher wird nichts ' +
      'importiert.',
    choose: 'Datei wählen',
    reading: 'Die Datei wird gelesen …',
    sources: {
      chatgpt: 'ChatGPT',
      claude: 'Claude',
      open_webui: 'Open WebUI',
      librechat: 'LibreChat',
    },
    found: (source: string, chatCount: string, messageCount: string) =>
      `Ein Export von ${source} mit ${chats(chatCount)} und ${messages(messageCount)}.`,
    known: (count: string) => `Davon schon hier: ${count}; nur was neu ist, kommt dazu.`,
    leftOut: 'Nicht dabei:',
    reasons: {
      empty: (count: string) => `${of(count, 'leerer Chat', 'leere Chats')}`,
      unreadable: (count: string) => `${of(count, 'unlesbarer Eintrag', 'unlesbare Einträge')}`,
      tooLong: (count: string) => `${of(count, 'zu langer Chat', 'zu lange Chats')}`,
      tooOld: (count: string) => `${chats(count)}, älter als Chats hier bleiben`,
      files: (count: string) =>
        `${of(count, 'Bild oder andere Datei', 'Bilder und andere Dateien')}`,
      cut: (count: string) =>
        `das Ende von ${of(count, 'sehr langer Nachricht', 'sehr langen Nachrichten')}`,
    },
    begin: (count: string) => `${chats(count)} importieren`,
    nothing: 'Es gibt nichts zu importieren.',
    progress: (done: string, all: string) => `${done} von ${messages(all)} …`,
    stop: 'Stopp',
    stopped: 'Gestoppt. Was importiert ist, bleibt; beim Fortsetzen kommt der Rest dazu.',
    goOn: 'Fortsetzen',
    done: (added: string) => `Fertig: ${messages(added)} neu hier.`,
    doneKnown: (known: string) => `Schon hier: ${known}.`,
    another: 'Andere Datei wählen',
    faults: {
      not_an_export: 'Das ist kein Export von ChatGPT, Claude, Open WebUI oder LibreChat.',
      too_large: 'In dieser Datei ist zu viel Text. Bis zu 200 MB sind lesbar.',
      damaged: 'Diese Datei ist beschädigt. Lade sie noch einmal herunter.',
    },
  },
  notices: {
    title: 'Benachrichtigungen',
    label: 'Sag mir Bescheid, wenn eine Antwort fertig ist, während ich woanders bin',
    refused: 'Dein Browser erlaubt es nicht. Das lässt sich in den Einstellungen der Seite ändern.',
  },
  speech: {
    dictate: 'Diktieren',
    sentAway:
      'Dein Browser sendet, was du sagst, an seinen Hersteller, der es in Text umwandelt. Diese ' +
      'Seite hört und speichert es nicht.',
    agree: 'Weiter',
    notAllowed: 'Das Mikrofon ist nicht erlaubt.',
    notHeard: 'Es war nichts zu verstehen.',
  },
  data: {
    what:
      'Alles, was über dich gespeichert ist: Konto, Chats, Kontoauszug, Sitzungen und ' +
      'API-Schlüssel ohne die Schlüssel selbst.',
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
      'Was gebucht wurde, bleibt ohne deinen Namen im Hauptbuch der Seite. Sicherungen der ' +
      'Seite enthalten deine Daten, bis sie gelöscht werden.',
    confirm: (name: string) => `Gib zur Bestätigung deinen Benutzernamen ${name} ein`,
    remove: 'Endgültig löschen',
  },
};
