/**
 * Texts that have to be read again and must not be readable in the database or in a copy of it:
 * links that wait to be mailed, and secrets that sign. AES-256-GCM (NIST SP 800-38D), with a key
 * that comes from the secret key of the installation.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals and opens the texts of one purpose. */
export class Seal {
  readonly #key: Buffer;

  /** @param purpose texts that were sealed for one purpose cannot be opened for another */
  constructor(secretKey: string, purpose: string) {
    this.#key = createHmac('sha256', secretKey).update(`chit: sealed ${purpose}`).digest();
  }

  /** @returns base64url */
  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** @returns undefined if it was sealed with another key, or was changed since */
  open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
