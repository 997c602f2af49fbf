import { userInfo } from 'node:os';
import type { Principal } from '../app/principal.ts';

/** The person at the command line, as the ledger and the audit log name them. */
export function commandLine(): Principal {
  return { actor: `cli:${userInfo().username}`, address: undefined, user: undefined };
}
