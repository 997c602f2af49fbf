import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { storable, text } from '../framework/common-schema.ts';

export const NewKey = Type.Object({
  name: text({ maxLength: 100, description: 'What it is for, in up to 100 characters.' }),
  models: Type.Optional(
    Type.Array(storable({}), { maxItems: 100, description: 'It may use these; all if not said.' }),
  ),
  budget: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_CREDITS,
      description: 'The most that may ever be charged through it; the whole balance if not said.',
    }),
  ),
  expires_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it ends; never if not said.' }),
  ),
});

const fields = {
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key.' }),
  models: Type.Union([Type.Array(Type.String()), Type.Null()]),
  budget: Type.Union([Type.Integer(), Type.Null()]),
  spent: Type.Integer({ description: 'Charged through it so far.' }),
  held: Type.Integer({ description: 'Put nonReplyOutput for what it is asking just now.' }),
  created_at: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  last_used_at: Type.Union([Type.String(), Type.Null()]),
};

export const MadeKey = Type.Object(
  { ...fields, key: Type.String({ description: 'The key, which is shown only now.' }) },
  { description: 'The key was made.' },
);

export const KeyList = Type.Object(
  { keys: Type.Array(Type.Object(fields)) },
  { description: 'Your keys, newest first.' },
);

export const KeyPath = Type.Object({ id: Type.String({ maxLength: 100 }) });
