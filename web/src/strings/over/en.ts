/** What the page says of sharing, importing, exporting and the app. */
export const overEn = {
  share: {
    title: 'Share chat',
    link: 'Link to this chat',
    what: 'Anyone with the link can read',
    kinds: { snapshot: 'A snapshot', live: 'The live chat' },
    kindTexts: {
      snapshot: 'The chat as it is now. Nothing you write or edit later is added.',
      live: 'The chat as it goes on, including new messages.',
    },
    end: 'Link works for',
    days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
    never: 'No end',
    keepEnd: 'Keep as it is',
    showName: 'Show my username',
    neverShown: 'Costs and instructions are never shown.',
    create: 'Create link',
    save: 'Save changes',
    retake: 'Take a new snapshot',
    isLive: 'Live: new messages are included.',
    isSnapshot: (when: string) => (when === '' ? 'Snapshot.' : `Snapshot of ${when}.`),
    endsNever: 'The link has no end.',
    endsAt: (when: string) => `The link ends on ${when}.`,
  },
};

export type OverTexts = typeof overEn;
