import { userInfo } from 'node:os';
import type { Principal } from '../app/principal.ts';

/** Who works on the command line, as the book and the audit log name them. */
export function commandLine(): Principal {
  return { actor: `cli:${userInfo().username}`, address: undefined, user: undefined };
}
