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
  import: {
    title: 'Chats importieren',
    intro:
      'Bring deine Chats von ChatGPT, Claude, Open WebUI oder LibreChat mit. Es kostet nichts.',
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
    found: (source: string, chats: string, messages: string) =>
      `Ein Export von ${source} mit ${chats} Chats und ${messages} Nachrichten.`,
    known: (count: string) => `${count} dieser Chats sind schon hier; nur was neu ist, kommt dazu.`,
    leftOut: 'Nicht dabei:',
    reasons: {
      empty: (count: string) => `${count} Chats, in denen nichts gesagt wurde`,
      unreadable: (count: string) => `${count} Einträge, die nicht lesbar sind`,
      tooLong: (count: string) => `${count} Chats, die zu lang sind`,
      tooOld: (count: string) => `${count} Chats, die älter sind, als Chats hier bleiben`,
      files: (count: string) => `${count} Bilder und andere Dateien`,
      cut: (count: string) => `das Ende von ${count} sehr langen Nachrichten`,
    },
    begin: (count: string) => `${count} Chats importieren`,
    nothing: 'Es gibt nichts zu importieren.',
    progress: (done: string, all: string) => `${done} von ${all} Nachrichten …`,
    stop: 'Stopp',
    stopped: 'Gestoppt. Was importiert ist, bleibt; beim Fortsetzen kommt der Rest dazu.',
    goOn: 'Fortsetzen',
    done: (added: string) => `Fertig: ${added} Nachrichten sind dazugekommen.`,
    doneKnown: (known: string) => `${known} waren schon hier.`,
    another: 'Andere Datei wählen',
    faults: {
      not_an_export: 'Das ist kein Export von ChatGPT, Claude, Open WebUI oder LibreChat.',
      too_large: 'In dieser Datei ist zu viel Text. Bis zu 200 MB sind lesbar.',
      damaged: 'Diese Datei ist beschädigt. Lade sie noch einmal herunter.',
    },
  },
  data: {
    what:
      'Alles, was über dich gespeichert ist: Konto, Chats, Auszug, Sitzungen und ' +
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
