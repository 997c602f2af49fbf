import { Type } from 'typebox';
import { text } from './common.ts';

export const NewKey = Type.Object({
  name: text({ maxLength: 100, description: 'What it is for, in up to 100 characters.' }),
  models: Type.Optional(
    Type.Array(Type.String(), { maxItems: 100, description: 'It may use these; all if not said.' }),
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
