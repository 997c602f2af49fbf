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
};
