import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { storable, text } from '../framework/common-schema.ts';

export const NewKey = Type.Object({
  name: text({ maxLength: 100, description: 'Up to 100 characters.' }),
  models: Type.Optional(
    Type.Array(storable({}), {
      maxItems: 100,
      description: 'The models that it may use; by default all.',
    }),
  ),
  budget: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_CREDITS,
      description: 'The most that it may ever spend; by default the whole balance.',
    }),
  ),
  group: Type.Optional(
    storable({
      maxLength: 100,
      description: 'The id of a group of yours, whose pool alone pays; by default as for messages.',
    }),
  ),
  expires_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it expires; by default never.' }),
  ),
});

const fields = {
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key.' }),
  models: Type.Union([Type.Array(Type.String()), Type.Null()]),
  budget: Type.Union([Type.Integer(), Type.Null()]),
  spent: Type.Integer({ description: 'Spent through it so far.' }),
  held: Type.Integer({ description: 'Held for its requests in progress.' }),
  group: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()], {
    description: 'The group whose pool alone pays.',
  }),
  created_at: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  last_used_at: Type.Union([Type.String(), Type.Null()]),
};

export const MadeKey = Type.Object(
  { ...fields, key: Type.String({ description: 'The API key itself. It is shown only now.' }) },
  { description: 'The API key was created.' },
);

export const KeyList = Type.Object(
  { keys: Type.Array(Type.Object(fields)) },
  { description: 'Your API keys, newest first.' },
);

export const KeyPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
