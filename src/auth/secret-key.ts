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

/** Where the key of an installation stands, unless it is set. */
export function secretKeyPath(dataFolder: string): string {
  return join(dataFolder, 'secret.key');
}

/** The file of the key is there and holds none. */
export class SecretKeyError extends Error {}

/**
 * The key in the data folder; made at first start, readable by its owner only.
 * @throws SecretKeyError
 */
export function loadOrCreateSecretKey(dataFolder: string): string {
  const path = secretKeyPath(dataFolder);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) createKeyFile(path);
  const key = readFileSync(path, 'utf8').trim();
  if (key.length < 32) throw new SecretKeyError(`${path} holds no key. Delete it for a new one.`);
  return key;
}

/** Of several starting processes one makes it, whole; the others read what that one wrote. */
function createKeyFile(path: string): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
