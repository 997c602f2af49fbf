/** Tokens as a Django site with Simple JWT and our key issues them. */
import { createHmac, randomBytes } from 'node:crypto';
import { SECRET_KEY } from './server.ts';

export type TestClaims = Record<string, unknown>;

/**
 * Makes a token.
 * @param claims in place of, or besides, those that Simple JWT writes; undefined leaves one out
 */
export function forge(
  type: 'access' | 'refresh',
  claims: TestClaims,
  secretKey: string = SECRET_KEY,
): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = {
    token_type: type,
    exp: nowSeconds + 900,
    iat: nowSeconds,
    jti: randomBytes(16).toString('hex'),
    ...claims,
  };
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${content}.${createHmac('sha256', secretKey).update(content).digest('base64url')}`;
}

/** The claims of a token; the signature is not verified. */
export function claimsOf(token: string): TestClaims {
  const payload = token.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as TestClaims;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
