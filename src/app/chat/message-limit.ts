import { codePointsIn } from '../../core/code-points.ts';
import { invalidField } from '../../core/errors.ts';
import type { Context } from '../context.ts';

/**
 * Checks the length of a message of a chat, which every search, page and prompt reads again.
 * Characters are code points, as in JSON Schema's `maxLength`.
 * @throws ChitError `invalid_fields` with the limit; nothing was stored or charged
 */
export function requireFittingMessage({ policy }: Context, content: string): void {
  const { messageLimitCharacters: max } = policy;
  // A code point has one or two units, so most messages need not be counted.
  if (content.length <= max) return;
  if (content.length <= 2 * max && codePointsIn(content) <= max) return;
  const message = `Ensure this field has no more than ${max} characters.`;
  throw invalidField('message', message, { code: 'too_long', max });
}

/**
 * A message without files has words.
 * @throws ChitError `invalid_fields`
 */
export function requireWords(content: string): void {
  if (/\S/.test(content)) return;
  throw invalidField('message', 'This field may not be blank.', { code: 'blank' });
}
