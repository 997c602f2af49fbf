/**
 * Members of messages whose text says what something is or which one: no input of the model, and no
 * words of a user.
 */
export const LABELS: readonly string[] = [
  'type',
  'role',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'media_type',
  'detail',
  'format',
];
