import { ChitError } from '../../core/errors.ts';
import type { ScimErrorType } from '../../core/scim.ts';

const STATUSES: Partial<Readonly<Record<ScimErrorType, number>>> = { uniqueness: 409 };

/** The refusal of a request of a directory (RFC 7644, 3.12). @param message a sentence */
export function scimRefusal(type: ScimErrorType, message: string): ChitError<'scim_refused'> {
  return new ChitError('scim_refused', { status: STATUSES[type] ?? 400, type, message });
}
