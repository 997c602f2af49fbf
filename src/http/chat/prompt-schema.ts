import { Type } from 'typebox';
import { FILES_PER_ASSISTANT } from '../../core/files.ts';
import { NullableString, storable, text } from '../framework/common-schema.ts';
import { FileReply } from './file-schema.ts';

const PROMPT_CHARACTERS = 20_000;

export const PromptPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
export const GroupPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
export const GroupPromptPath = Type.Object({
  id: Type.String({ maxLength: 100 }),
  prompt: Type.String({ maxLength: 100 }),
});

const Kind = Type.Enum(['prompt', 'assistant'], {
  description:
    'A `prompt` is put into the composer; an `assistant` is what a conversation begins with.',
});
const Model = Type.Optional(
  Type.Union([storable({ maxLength: 200 }), Type.Null()], {
    description: 'Of an assistant: the name of its model; null leaves the choice to who uses it.',
  }),
);
const Files = Type.Optional(
  Type.Array(storable({ maxLength: 100 }), {
    maxItems: FILES_PER_ASSISTANT,
    description:
      'Of an assistant: all its files, as ids of files that you have uploaded or that it has.',
  }),
);
const Title = text({ maxLength: 100, description: 'Any text that is not blank.' });
const Content = text({
  maxLength: PROMPT_CHARACTERS,
  description:
    'A message with variables as `{{name}}`; of an assistant, the instructions for the model.',
});

export const NewPrompt = Type.Object({
  kind: Kind,
  title: Title,
  text: Content,
  model: Model,
  files: Files,
});
export const PromptChange = Type.Object({
  title: Type.Optional(Title),
  text: Type.Optional(Content),
  model: Model,
  files: Files,
});

const shape = {
  id: Type.String(),
  kind: Kind,
  title: Type.String(),
  model: NullableString,
  shared_with: {
    ...Type.Union([Type.Enum(['all', 'group']), Type.Null()]),
    description: 'null for one of your own.',
  },
  group: { ...NullableString, description: 'The id of the group that it is shared with.' },
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
};
export const PromptReply = Type.Object(
  { ...shape, text: Type.String(), files: Type.Array(FileReply) },
  { description: 'The prompt or assistant.' },
);
export const PromptList = Type.Object(
  {
    prompts: Type.Array(
      Type.Object({
        ...shape,
        begins: Type.String({ description: 'The beginning of the text.' }),
        file_count: Type.Integer({ description: 'How many files it has.' }),
        group_name: NullableString,
        can_change: Type.Boolean({ description: 'Whether you may change and delete it.' }),
      }),
    ),
  },
  { description: 'Prompts and assistants without their texts; your own first.' },
);

export const Instructions = Type.Object(
  {
    text: storable({
      maxLength: PROMPT_CHARACTERS,
      description: 'Empty for none.',
    }),
  },
  { description: 'The instructions that your new conversations begin with.' },
);
