import type { PromptsText } from './en.ts';

/** Prompts, assistants and default instructions, in German. */
export const promptsDe: PromptsText = {
  title: 'Prompts und Assistenten',
  intro:
    'Ein Prompt ist ein Text, den du immer wieder brauchst: Tippe / in eine leere Nachricht, um ' +
    'ihn zu finden. Ein Assistent beginnt einen neuen Chat mit seinen Anweisungen, seinem Modell ' +
    'und seinen Dateien.',
  search: 'Prompts durchsuchen',
  none: 'Noch keine Prompts.',
  nothingFound: 'Kein Prompt passt dazu.',
  manage: 'Prompts verwalten',
  insert: 'Einfügen',
  kinds: { prompt: 'Prompt', assistant: 'Assistent' },
  fromAll: 'Für alle',
  beginsWith: (name) => `Assistent: ${name}`,
  beginWithout: (name) => `Ohne ${name} beginnen`,
  otherModel: (wanted, shown) =>
    `Dieser Assistent ist für ${wanted} gedacht, das du nicht nutzen kannst. ` +
    (shown === undefined
      ? 'Wähle ein Modell.'
      : `Es antwortet ${shown}, oder wähle ein anderes Modell.`),
  newPrompt: 'Neuer Prompt',
  newAssistant: 'Neuer Assistent',
  name: 'Name',
  promptText: 'Text',
  instructions: 'Anweisungen',
  variablesHint: 'Schreib {{Name}}, wo beim Verwenden etwas eingesetzt werden soll.',
  model: 'Modell',
  anyModel: 'Beliebiges Modell',
  files: 'Dateien',
  filesHint:
    'Die erste Nachricht jedes Chats hat sie dabei: Bilder, PDF, Text, Code und ' +
    'Office-Dokumente, höchstens 20.',
  addFiles: 'Dateien hinzufügen',
  fileCount: (count) => (count === 1 ? '1 Datei' : `${count} Dateien`),
  filesCost: (cost, model) => `Mit ${model} kostet jede Nachricht dadurch etwa ${cost} Token mehr.`,
  savesOnceUploaded: 'Wird gespeichert, sobald die Dateien hochgeladen sind.',
  audience: 'Wer ihn nutzen kann',
  onlyMe: 'Nur du',
  shownAudience: 'Anzeigen',
  forYou: 'Was du nutzen kannst',
  create: 'Erstellen',
  save: 'Speichern',
  cancel: 'Abbrechen',
  edit: (name) => `${name} bearbeiten`,
  remove: (name) => `${name} löschen`,
  removeQuestion: (name) => `„${name}“ löschen? Chats, die damit begonnen haben, bleiben.`,
  editShort: 'Bearbeiten',
  removeShort: 'Löschen',
  defaults: 'Standardanweisungen',
  defaultsText:
    'Damit beginnen neue Chats. Jeder Chat behält seine Anweisungen; dort kannst du sie ändern.',
  saved: 'Gespeichert.',
};
