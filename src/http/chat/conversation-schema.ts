import { Type } from 'typebox';
import { REPLY_FAILURES } from '../../core/reply-failure.ts';
import { cursor, ID_PATTERN, Limit, storable, text } from '../framework/common-schema.ts';

const TITLE_CHARACTERS = 200;
const SYSTEM_PROMPT_CHARACTERS = 20_000;
const Nullable = (schema: ReturnType<typeof Type.String>) => Type.Union([schema, Type.Null()]);

export const ConversationPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
export const SharedPath = Type.Object({ token: Type.String({ maxLength: 100 }) });

const wishes = {
  title: Type.Optional(storable({ maxLength: TITLE_CHARACTERS })),
  model: Type.Optional(
    Type.Union([storable({}), Type.Null()], {
      description: 'A name from GET /api/models/; null for the default one.',
    }),
  ),
  system_prompt: Type.Optional(
    storable({
      maxLength: SYSTEM_PROMPT_CHARACTERS,
      description: 'How the model is to behave in this conversation.',
    }),
  ),
};

export const NewConversation = Type.Object(wishes);
export const ConversationChange = Type.Object({
  ...wishes,
  leaf: Type.Optional(storable({ description: 'The message at the end of the branch to show.' })),
});

const conversation = {
  id: Type.String(),
  title: Type.String({ description: 'Empty until something was said.' }),
  model: Nullable(Type.String()),
  system_prompt: Type.String(),
  leaf: Nullable(Type.String({ description: 'The message at the end of the branch shown.' })),
  share: Nullable(Type.String({ description: 'The path where everybody may read it.' })),
  created_at: Type.String(),
  updated_at: Type.String(),
};
export const ConversationReply = Type.Object(conversation, { description: 'The conversation.' });

const page = {
  has_more: Type.Boolean(),
  next_cursor: Nullable(Type.String()),
};
export const ConversationQuery = Type.Object({
  q: Type.Optional(
    storable({ maxLength: 200, description: 'Words in titles or in what was said.' }),
  ),
  cursor: cursor(`^\\d{1,15}_${ID_PATTERN}$`),
  limit: Limit,
});
export const ConversationList = Type.Object(
  { conversations: Type.Array(Type.Object(conversation)), ...page },
  { description: 'Your conversations, last used first.' },
);

export const MessageQuery = Type.Object({
  cursor: cursor(`^${ID_PATTERN}$`),
  limit: Limit,
});
const message = {
  id: Type.String(),
  conversation: Nullable(Type.String()),
  parent: Nullable(Type.String({ description: 'The message before it in its branch.' })),
  content: Type.String({ description: 'What the user said.' }),
  reply: Nullable(Type.String()),
  status: Type.Enum(['pending', 'complete', 'incomplete', 'failed']),
  failure: Nullable(
    Type.String({ description: 'Why the reply is missing or incomplete, in English.' }),
  ),
  failure_code: Type.Union([Type.Enum(REPLY_FAILURES), Type.Null()], {
    description: 'The same as a code.',
  }),
  model: Type.String(),
  cost: Type.Union([Type.Integer(), Type.Null()], {
    description: 'In tokens of the balance; null while it is not known.',
  }),
  created_at: Type.String(),
  ended_at: Nullable(Type.String()),
};
export const MessageReply = Type.Object(message, { description: 'The message.' });
export const ReplyEvents = Type.Any({
  description:
    'Server-sent events: `delta` with a piece of text, whose id says where to go on from; then ' +
    '`done` with the message.',
});
export const MessageList = Type.Object(
  { messages: Type.Array(Type.Object(message)), ...page },
  { description: 'What was said, all branches, newest first.' },
);

export const NewMessage = Type.Object({
  message: text({ description: 'What to say, as typed.' }),
  model: Type.Optional(storable({ description: 'A name from GET /api/models/.' })),
  parent: Type.Optional(
    Type.Union([storable({}), Type.Null()], {
      description: 'The message that it follows; none to begin.',
    }),
  ),
});

export const ExportQuery = Type.Object({
  format: Type.Optional(Type.Enum(['markdown', 'json'])),
});
export const Exported = Type.Any({
  description:
    'A file: as Markdown the branch that is shown, as JSON all branches with their costs.',
});

export const Shared = Type.Object(
  { share: Type.String({ description: 'The path where everybody may read it.' }) },
  { description: 'Everybody who has the link may read it.' },
);
const { cost: _cost, ...withoutCost } = message;
export const SharedConversation = Type.Object(
  { title: Type.String(), messages: Type.Array(Type.Object(withoutCost)) },
  { description: 'The branch that is shown, oldest first.' },
);
