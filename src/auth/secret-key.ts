import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 48;

/** Where the key of an installation stands, unless it is set. */
export function secretKeyPath(dataFolder: string): string {
  return join(dataFolder, 'secret.key');
}

/** The key in the data folder; made at first start, readable by its owner only. */
export function loadOrCreateSecretKey(dataFolder: string): string {
  const path = secretKeyPath(dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  try {
    // 'wx' lets only one of several starting processes make it; the others read what that wrote.
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = readFileSync(path, 'utf8').trim();
  if (key.length < 32) throw new Error(`${path} holds no key. Delete it to have a new one made.`);
  return key;
}
