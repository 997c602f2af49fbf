/** What the chat page itself says of the order of chats; the rest is loaded when it is needed. */
export const orderFrameEn = {
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  restore: 'Restore from archive',
  move: 'Move to a folder…',
  pinned: 'Pinned',
  palette: 'Search chats and commands',
  allChats: 'All chats and archive',
  titleMade: 'Title of a chat',
  temporary: 'Temporary chat',
  temporaryText:
    'Not kept: it is deleted when you leave it or reload the page. Messages cost the same.',
};

/** Dasselbe auf Deutsch. */
export const orderFrameDe: typeof orderFrameEn = {
  pin: 'Anheften',
  unpin: 'Loslösen',
  archive: 'Archivieren',
  restore: 'Aus dem Archiv holen',
  move: 'In einen Ordner verschieben …',
  pinned: 'Angeheftet',
  palette: 'Chats und Befehle suchen',
  allChats: 'Alle Chats und Archiv',
  titleMade: 'Titel eines Chats',
  temporary: 'Temporärer Chat',
  temporaryText:
    'Wird nicht aufbewahrt: Er wird gelöscht, wenn du ihn verlässt oder die Seite neu lädst. ' +
    'Nachrichten kosten dasselbe.',
};
