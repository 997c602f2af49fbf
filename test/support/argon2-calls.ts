/** Counts password hashes. Import it before anything that imports the program. */
import crypto, { type Argon2Parameters } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** What each argon2 hash since the start was asked to cost. */
export const argon2Calls: Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism'>[] = [];

const { argon2 } = crypto;

crypto.argon2 = (algorithm, parameters, callback) => {
  const { memory, passes, parallelism } = parameters;
  argon2Calls.push({ memory, passes, parallelism });
  argon2(algorithm, parameters, callback);
};
syncBuiltinESMExports();
