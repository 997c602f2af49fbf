import { Type } from 'typebox';
import { storable, text } from '../framework/common-schema.ts';

const ID_CHARACTERS = 200;
const MAX_CHATS = 100;
const MAX_MESSAGES = 1_000;
const MAX_IDS = 1_000;
/** The year 9999, the last one that a date can be of in ISO 8601. */
const LAST_MS = 253_402_300_799_999;

const Id = text({ maxLength: ID_CHARACTERS, description: 'Its id in the export.' });
const Moment = Type.Integer({
  minimum: 0,
  maximum: LAST_MS,
  description: 'In milliseconds since 1970.',
});

const Source = Type.Enum(['chatgpt', 'claude', 'open_webui', 'librechat'], {
  description: 'The product that the chats come from.',
});

const place = { id: Id, created_ms: Moment };
const Place = Type.Union([Type.Object(place), Type.Null()]);

export const ChatImport = Type.Object({
  source: Source,
  chats: Type.Array(
    Type.Object({
      id: Id,
      title: storable({ maxLength: 200 }),
      system_prompt: storable({ maxLength: 20_000 }),
      created_ms: Moment,
      updated_ms: Moment,
      leaf: Place,
      messages: Type.Array(
        Type.Object({
          ...place,
          parent: Place,
          content: storable({}),
          reply: storable({}),
          model: storable({ maxLength: 200 }),
        }),
        { maxItems: MAX_MESSAGES },
      ),
    }),
    {
      maxItems: MAX_CHATS,
      description:
        'Chats, or parts of them in the order of their messages. Their ids and moments decide ' +
        'what is the same, so that sending them again adds nothing.',
    },
  ),
});

export const ChatImportOutcome = Type.Object(
  {
    added: Type.Integer({ description: 'Messages that were not there before.' }),
    known: Type.Integer({ description: 'Messages that were there already.' }),
    too_old: Type.Integer({ description: 'Messages of chats older than chats are kept here.' }),
  },
  { description: 'What was imported. Nothing was charged.' },
);

export const KnownQuery = Type.Object({
  source: Source,
  ids: Type.Array(Id, { maxItems: MAX_IDS, description: 'The ids of chats in the export.' }),
});
export const KnownChats = Type.Object(
  { known: Type.Array(Type.String()) },
  { description: 'Those of the ids whose chats were imported before, and are still there.' },
);
