/**
 * Makes argon2 cheap: `test/run.ts` has Node load this into every process of the tests, before the
 * program. Hashes have the same form, but take little memory and time. This is outside of the
 * program, so that no setting of the program can have this effect.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Suites in which a hash has to take its time. For a server of a test, `NODE_OPTIONS: ''` among
 * its settings does the same.
 */
const REAL_COST = /\/test\/(auth\/passwords|app\/accounts\/setup-links)\.test\.ts$/;
const LEAST_MEMORY_KIB_PER_LANE = 8;

const { argon2 } = crypto;

if (!REAL_COST.test(process.argv[1] ?? '')) {
  crypto.argon2 = (algorithm, parameters, callback) => {
    const memory = LEAST_MEMORY_KIB_PER_LANE * parameters.parallelism;
    argon2(algorithm, { ...parameters, memory, passes: 1 }, callback);
  };
  syncBuiltinESMExports();
}
