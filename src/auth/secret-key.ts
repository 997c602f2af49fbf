import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 48;

/** The file of the key of an installation, unless the key is a setting. */
export function secretKeyPath(dataFolder: string): string {
  return join(dataFolder, 'secret.key');
}

/** The key file exists but contains no key. */
export class SecretKeyError extends Error {}

/**
 * The key in the data folder; created at first start, readable only by its owner.
 * @throws SecretKeyError
 */
export function loadOrCreateSecretKey(dataFolder: string): string {
  const path = secretKeyPath(dataFolder);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) createKeyFile(path);
  const key = readFileSync(path, 'utf8').trim();
  if (key.length < 32)
    throw new SecretKeyError(`${path} contains no key. Delete it to get a new one.`);
  return key;
}

/** Creates the file atomically: of several starting processes one wins, and all read its key. */
function createKeyFile(path: string): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft);
  }
}
