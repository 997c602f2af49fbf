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
  data: {
    what: 'Everything that is stored about you: account, chats, statement, sessions, and API keys without the keys themselves.',
    archive: 'Download everything',
    json: 'Only as JSON',
    busy: 'Preparing…',
  },
  deletion: {
    title: 'Delete account',
    intro: 'Deletes your account and everything in it, for good.',
    open: 'Delete account…',
    goes: 'What is deleted',
    whatGoes: (left: string) => [
      'All your chats, their links and your username',
      'All sessions and API keys; what is running stops',
      'Memberships in groups',
      left === '0' ? 'Your balance (nothing is left of it)' : `Your balance: ${left} tokens`,
    ],
    stays: 'What stays',
    whatStays:
      'What was booked stays in the site’s ledger, without your name. Backups of the site keep your data until they are deleted.',
    confirm: (name: string) => `Type your username, ${name}, to confirm`,
    remove: 'Delete for good',
  },
};

export type OverTexts = typeof overEn;
