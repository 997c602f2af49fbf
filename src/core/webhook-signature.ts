/**
 * What a webhook signs, and how its secret is written (Standard Webhooks,
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */

/** Secrets begin with it, so that people and secret scanners know them. */
export const SECRET_PREFIX = 'whsec_';

/** The text that is signed: nobody can send it again later, or under another id. */
export function signedText(id: string, atSeconds: number, body: string): string {
  return `${id}.${atSeconds}.${body}`;
}

/** The header with the signatures, one for each secret, in base64. */
export function signatureHeader(signatures: readonly string[]): string {
  return signatures.map((it) => `v1,${it}`).join(' ');
}
