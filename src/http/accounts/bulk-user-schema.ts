import { Type } from 'typebox';
import { Reason } from './managed-user-schema.ts';

/** As many as can be looked at before it is done. */
const MOST_AT_ONCE = 1_000;

export const Disabling = Type.Object({
  ids: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: MOST_AT_ONCE,
  }),
  reason: Type.Optional(Reason),
});

export const Disabled = Type.Object(
  { disabled: Type.Integer({ description: 'Who was disabled before does not count.' }) },
  { description: 'All of them are disabled.' },
);
