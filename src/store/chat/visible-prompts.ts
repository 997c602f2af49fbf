import { sql } from 'kysely';

/**
 * That a row of `prompts` is one that a user may use: an own one, one for everybody, or one of a
 * group that the user is in.
 */
export function visiblePrompt(userId: number) {
  return sql<boolean>`(prompts.user_id = ${userId}
    OR (prompts.user_id IS NULL AND prompts.group_id IS NULL)
    OR prompts.group_id IN (SELECT own.group_id FROM group_members own
      WHERE own.user_id = ${userId}))`;
}
