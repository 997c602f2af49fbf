import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { FILES_PER_MESSAGE } from '../../core/files.ts';
import { EFFORTS } from '../../core/model-options.ts';
import { REPLY_FAILURES } from '../../core/reply-failure.ts';
import { PayerField, storable } from '../framework/common-schema.ts';
import { cursor, ID_PATTERN, Limit, paged, Search } from '../framework/paging-schema.ts';
import { FileReply } from './file-schema.ts';
import { MessageTools } from './tool-schema.ts';

const TITLE_CHARACTERS = 200;
const SYSTEM_PROMPT_CHARACTERS = 20_000;
const Nullable = (schema: ReturnType<typeof Type.String>) => Type.Union([schema, Type.Null()]);

export const ConversationPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

const fields = {
  tools: Type.Optional(
    Type.Array(storable({ maxLength: 24 }), {
      maxItems: 20,
      description: 'Names from GET /api/tools/ of the tools that are turned on.',
    }),
  ),
  title: Type.Optional(storable({ maxLength: TITLE_CHARACTERS })),
  model: Type.Optional(
    Type.Union([storable({}), Type.Null()], {
      description: 'A name from GET /api/models/; null for the default one.',
    }),
  ),
  system_prompt: Type.Optional(
    storable({
      maxLength: SYSTEM_PROMPT_CHARACTERS,
      description:
        'Instructions for the model in this conversation. A new one begins with those of its ' +
        'assistant or with your default ones if they are left out.',
    }),
  ),
  effort: Type.Optional(
    Type.Union([Type.Enum([...EFFORTS]), Type.Null()], {
      description: 'How hard its model thinks, if it can be told; null leaves it to the model.',
    }),
  ),
  temperature: Type.Optional(
    Type.Union([Type.Number({ minimum: 0, maximum: 2 }), Type.Null()], {
      description: 'How much chance there is, if the model takes it; null leaves it to the model.',
    }),
  ),
};

const Assistant = Type.Optional(
  Type.Union([storable({ maxLength: 100 }), Type.Null()], {
    description:
      'The id of an assistant from GET /api/prompts/: sets its instructions and its model, ' +
      'unless they are given; null for none.',
  }),
);
const Folder = Type.Optional(
  Type.Union([storable({}), Type.Null()], {
    description: 'The id of a folder from GET /api/folders/; null for none.',
  }),
);
export const NewConversation = Type.Object({
  ...fields,
  folder: Folder,
  assistant: Assistant,
  temporary: Type.Optional(
    Type.Boolean({
      description:
        'Not kept: it is in no list and not searched, and its words are deleted when you delete ' +
        'it, or an hour after its last message. Its messages are charged as any others.',
    }),
  ),
});
export const ConversationChange = Type.Object({
  ...fields,
  folder: Folder,
  assistant: Assistant,
  pinned: Type.Optional(Type.Boolean()),
  archived: Type.Optional(Type.Boolean()),
  leaf: Type.Optional(storable({ description: 'The last message of the branch to show.' })),
});

const conversation = {
  id: Type.String(),
  title: Type.String({ description: 'Empty until the first message.' }),
  model: Nullable(Type.String()),
  system_prompt: Type.String(),
  tools: Type.Array(Type.String()),
  effort: Type.Union([Type.Enum([...EFFORTS]), Type.Null()]),
  temperature: Type.Union([Type.Number(), Type.Null()]),
  leaf: Nullable(Type.String({ description: 'The last message of the branch that is shown.' })),
  share: Nullable(Type.String({ description: 'The path of the share link.' })),
  pinned: Type.Boolean(),
  archived: Type.Boolean(),
  folder: Nullable(Type.String({ description: 'The id of its folder.' })),
  temporary: Type.Boolean({ description: 'Whether it is not kept.' }),
  assistant: Nullable(
    Type.String({ description: 'The name of the assistant that it was begun with.' }),
  ),
  created_at: Type.String(),
  updated_at: Type.String(),
};
export const ConversationReply = Type.Object(
  {
    ...conversation,
    assistant_files: Type.Optional(
      Type.Array(FileReply, {
        description: 'The files of its assistant, as they were then: its first message has them.',
      }),
    ),
  },
  { description: 'The conversation.' },
);

export const ConversationQuery = Type.Object({
  q: Search(
    'Words that all occur in the title, or in a message and its reply; in any order, ignoring ' +
      'case, and anywhere within a word (one or two letters: at its beginning).',
  ),
  shelf: Type.Optional(
    Type.Enum(['all', 'recent', 'pinned', 'archived'], {
      description:
        'Which to list; `recent` are in none of the others, nor in a folder. The default is `all`.',
    }),
  ),
  folder: Type.Optional(storable({ maxLength: 100, description: 'Only those of a folder.' })),
  cursor: cursor(`^\\d{1,15}_${ID_PATTERN}$`),
  limit: Limit,
});
const match = Type.Object(
  {
    where: Type.Enum(['title', 'message', 'reply']),
    message: Nullable(Type.String({ description: 'The id; null if only the title matches.' })),
    text: Type.String({ description: 'The part of the text around the match.' }),
    ranges: Type.Array(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }), {
      description: 'Where the words are in it: beginning and end, in UTF-16 code units.',
    }),
  },
  { description: 'Where the words were found. Only in a search.' },
);
export const DeletedConversations = Type.Object({
  ids: Type.Array(storable({ maxLength: 100 }), { minItems: 1, maxItems: 200 }),
});
export const DeletedCount = Type.Object(
  { deleted: Type.Integer() },
  { description: 'How many were deleted; those that are gone already do not count.' },
);
export const ConversationList = Type.Object(
  {
    conversations: Type.Array(Type.Object({ ...conversation, match: Type.Optional(match) })),
    ...paged,
  },
  { description: 'Your conversations, the last used first.' },
);

export const MessageQuery = Type.Object({
  cursor: cursor(`^${ID_PATTERN}$`),
  limit: Limit,
});
/** Why a reply is missing or incomplete. */
export const FailureCode = Type.Union([Type.Enum(REPLY_FAILURES), Type.Null()], {
  description: 'The same as a code.',
});
/** A message, as its owner sees it. */
export const messageFields = {
  id: Type.String(),
  conversation: Nullable(Type.String()),
  parent: Nullable(Type.String({ description: 'The message before it in its branch.' })),
  content: Type.String({ description: 'The message of the user.' }),
  files: Type.Array(FileReply, { description: 'The files that are attached to it.' }),
  reply: Nullable(Type.String()),
  status: Type.Enum(['pending', 'complete', 'incomplete', 'failed']),
  failure: Nullable(
    Type.String({ description: 'Why the reply is missing or incomplete, in English.' }),
  ),
  failure_code: FailureCode,
  model: Type.String(),
  thinking: Type.Union(
    [
      Type.Object({
        has_text: Type.Boolean({
          description: 'Whether GET /api/messages/{id}/thinking/ has what the model thought.',
        }),
        ms: Type.Union([Type.Integer(), Type.Null()], {
          description: 'Until the first word of the reply, in milliseconds; null if not known.',
        }),
        tokens: Type.Union([Type.Integer(), Type.Null()], {
          description: 'Output of the model that was thinking; null if its provider does not say.',
        }),
        cost: Type.Union([Type.Integer(), Type.Null()], {
          description: 'About what of `cost` was for it; null if not known.',
        }),
        text: Type.Optional(Type.String({ description: 'Only in exports.' })),
      }),
      Type.Null(),
    ],
    { description: 'What the model thought before the reply; null if nothing is known of that.' },
  ),
  cost: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'In tokens of the balance; null while the reply is being written, and if it was imported.',
  }),
  paid_by: Type.Union(
    [Type.Object({ id: Type.String(), name: Nullable(Type.String()) }), Type.Null()],
    {
      description:
        'The account that paid: `personal`, or the id and the name of a group; ' +
        'null if nothing was charged.',
    },
  ),
  tools: MessageTools,
  created_at: Type.String(),
  ended_at: Nullable(Type.String()),
};
export const MessageReply = Type.Object(messageFields, { description: 'The message.' });
export const ReplyEvents = Type.Any({
  description:
    'Server-sent events: `thinking` with a piece of what the model thinks and `ms`, how long it ' +
    'has; `delta` with a piece of text; their id is the position to resume from; ' +
    '`tools` with the message when its model has called tools or they have answered; ' +
    'then `done` with the message (and `retry_after_seconds` if its provider said when it may be ' +
    'asked again), or `error` with `detail`, `code` and `params`.',
});
export const ThinkingReply = Type.Object(
  { thinking: Type.String() },
  { description: 'What the model thought; empty if nothing is kept.' },
);
export const MessageList = Type.Object(
  { messages: Type.Array(Type.Object(messageFields)), ...paged },
  { description: 'The messages of all branches, newest first.' },
);

export const NewMessage = Type.Object({
  message: storable({ description: 'The message, as typed; blank only with files.' }),
  files: Type.Optional(
    Type.Array(storable({ maxLength: 100 }), {
      maxItems: FILES_PER_MESSAGE,
      description: 'The ids of files from POST /api/files/, in order.',
    }),
  ),
  model: Type.Optional(storable({ description: 'A name from GET /api/models/.' })),
  payer: PayerField,
  parent: Type.Optional(
    Type.Union([storable({}), Type.Null()], {
      description: 'The message that it follows; null to start a new branch.',
    }),
  ),
  most_cost: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_CREDITS,
      description: 'With tools, the most that all rounds may cost together, in tokens.',
    }),
  ),
});

export const ExportQuery = Type.Object({
  format: Type.Optional(Type.Enum(['markdown', 'json'])),
});
export const Exported = Type.Any({
  description:
    'A file: the branch that is shown as Markdown, or all branches with their costs as JSON.',
});
