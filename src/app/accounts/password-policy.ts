import { invalidField } from '../../core/errors.ts';
import type { Policy } from '../context.ts';

/**
 * Requires the minimum length of this deployment, counted in characters.
 * @param field the password under the name of its field, which the error names
 * @throws ChitError `invalid_fields`
 */
export function requireLongEnough(policy: Policy, field: Record<string, string>): void {
  for (const [name, password] of Object.entries(field)) {
    if ([...password].length >= policy.passwordMinLength) continue;
    const min = policy.passwordMinLength;
    const message = `Ensure this field has at least ${min} characters.`;
    throw invalidField(name, message, { code: 'too_short', min });
  }
}
