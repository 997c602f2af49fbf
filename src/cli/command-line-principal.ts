import { userInfo } from 'node:os';
import type { By } from '../app/principal.ts';

/** Who works on the command line, as the book and the audit log name them. */
export function commandLine(): By {
  return { actor: `cli:${userInfo().username}`, address: undefined, user: undefined };
}
