/** @param count as it is written */
const of = (count: string, one: string, many: string) => `${count} ${count === '1' ? one : many}`;
const chats = (count: string) => of(count, 'chat', 'chats');
const messages = (count: string) => of(count, 'message', 'messages');

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
    never: 'No time limit',
    keepEnd: 'Keep as it is',
    showName: 'Show my username',
    neverShown: 'Costs and instructions are never shown.',
    create: 'Create link',
    save: 'Save changes',
    retake: 'Take a new snapshot',
    isLive: 'Live: new messages are included.',
    isSnapshot: (when: string) => (when === '' ? 'Snapshot.' : `Snapshot of ${when}.`),
    endsNever: 'The link does not expire.',
    endsAt: (when: string) => `The link ends on ${when}.`,
  },
  import: {
    title: 'Import chats',
    intro: 'Bring your chats from ChatGPT, Claude, Open WebUI or LibreChat. It costs nothing.',
    open: 'Import chats…',
    how:
      'Choose the file that you downloaded there: a JSON file, or the zip that it is in. ' +
      'First you see what is in it; nothing is imported before you say so.',
    choose: 'Choose file',
    reading: 'Reading the file…',
    sources: {
      chatgpt: 'ChatGPT',
      claude: 'Claude',
      open_webui: 'Open WebUI',
      librechat: 'LibreChat',
    },
    found: (source: string, chatCount: string, messageCount: string) =>
      `An export of ${source} with ${chats(chatCount)} and ${messages(messageCount)}.`,
    known: (count: string) => `${count} of them here already; only what is new is added.`,
    leftOut: 'Left out:',
    reasons: {
      empty: (count: string) => `${of(count, 'empty chat', 'empty chats')}`,
      unreadable: (count: string) => `${of(count, 'entry', 'entries')} not readable`,
      tooLong: (count: string) => `${chats(count)} too long to import`,
      tooOld: (count: string) => `${chats(count)} older than chats are kept here`,
      files: (count: string) => `${of(count, 'picture or other file', 'pictures and other files')}`,
      cut: (count: string) => `the end of ${of(count, 'very long message', 'very long messages')}`,
    },
    begin: (count: string) => `Import ${chats(count)}`,
    nothing: 'There is nothing to import.',
    progress: (done: string, all: string) => `${done} of ${messages(all)}…`,
    stop: 'Stop',
    stopped: 'Stopped. What was imported stays; continuing adds the rest.',
    goOn: 'Continue',
    done: (added: string) => `Done: ${messages(added)} added.`,
    doneKnown: (known: string) => `${known} here already.`,
    another: 'Choose another file',
    faults: {
      not_an_export: 'This is not an export of ChatGPT, Claude, Open WebUI or LibreChat.',
      too_large: 'There is too much text in this file. Up to 200 MB can be read.',
      damaged: 'This file is damaged. Please download it again.',
    },
  },
  notices: {
    title: 'Notifications',
    label: 'Tell me when an answer is ready while I am elsewhere',
    refused: 'Your browser does not allow it. You can change that in the settings of this site.',
  },
  speech: {
    dictate: 'Dictate',
    sentAway:
      'Your browser sends what you say to its maker, who turns it into text. This site neither ' +
      'hears nor keeps it.',
    agree: 'Continue',
    notAllowed: 'The microphone is not allowed.',
    notHeard: 'Nothing was understood.',
  },
  data: {
    what:
      'Everything that is stored about you: account, chats, statement, sessions, and API ' +
      'keys without the keys themselves.',
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
      left === '0'
        ? 'Your balance (nothing is left of it)'
        : `Your balance: ${of(left, 'token', 'tokens')}`,
    ],
    stays: 'What stays',
    whatStays:
      'What was booked stays in the site’s ledger, without your name. Backups of the site ' +
      'keep your data until they are deleted.',
    confirm: (name: string) => `Type your username, ${name}, to confirm`,
    remove: 'Delete for good',
  },
};

export type OverTexts = typeof overEn;
