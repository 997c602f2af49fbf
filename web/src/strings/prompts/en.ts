/** Prompts, assistants and default instructions, in English. */
export const promptsEn = {
  title: 'Prompts and assistants',
  intro:
    'A prompt is a text you use again: type / in an empty message to find it. An assistant ' +
    'begins a new chat with its instructions, its model and its files.',
  search: 'Search prompts',
  none: 'No prompts yet.',
  nothingFound: 'No prompt matches.',
  manage: 'Manage prompts',
  insert: 'Insert',
  kinds: { prompt: 'Prompt', assistant: 'Assistant' },
  fromAll: 'For everyone',
  beginsWith: (name: string) => `Assistant: ${name}`,
  beginWithout: (name: string) => `Start without ${name}`,
  otherModel: (wanted: string, shown: string | undefined) =>
    `This assistant is made for ${wanted}, which you can’t use. ` +
    (shown === undefined ? 'Choose a model.' : `${shown} will answer, or choose another model.`),
  newPrompt: 'New prompt',
  newAssistant: 'New assistant',
  name: 'Name',
  promptText: 'Text',
  instructions: 'Instructions',
  variablesHint: 'Write {{name}} where something is to be filled in when the prompt is used.',
  model: 'Model',
  anyModel: 'Any model',
  files: 'Files',
  filesHint:
    'The first message of each chat has them: pictures, PDF, text, code and office documents, up ' +
    'to 20.',
  addFiles: 'Add files',
  fileCount: (count: number) => (count === 1 ? '1 file' : `${count} files`),
  filesCost: (cost: string, model: string) =>
    `With ${model}, they add about ${cost} ${cost === '1' ? 'token' : 'tokens'} to the cost of ` +
    'each message.',
  savesOnceUploaded: 'Saves once the files are uploaded.',
  audience: 'Who can use it',
  onlyMe: 'Only you',
  shownAudience: 'Show',
  forYou: 'What you can use',
  create: 'Create',
  save: 'Save',
  cancel: 'Cancel',
  edit: (name: string) => `Edit ${name}`,
  remove: (name: string) => `Delete ${name}`,
  removeQuestion: (name: string) => `Delete “${name}”? Chats that began with it stay.`,
  editShort: 'Edit',
  removeShort: 'Delete',
  defaults: 'Default instructions',
  defaultsText:
    'New chats begin with them. Each chat keeps its instructions, and they can be changed there.',
  saved: 'Saved.',
};

/** Every language says all of this. */
export type PromptsText = typeof promptsEn;
