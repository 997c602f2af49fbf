/** What lets the doctor ask a server how its request has arrived, and nobody else. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that has the pass. */
export const PASS_HEADER = 'chit-doctor';
const VALID_MS = 300_000;

/** A pass for some minutes, which only those can make who have the secret key. */
export function arrivalPass(secretKey: string, nowMs: number): string {
  return `${nowMs}.${signatureOf(secretKey, String(nowMs))}`;
}

/** Whether a pass is valid at a time, in milliseconds since 1970 UTC. */
export function isArrivalPass(pass: string, secretKey: string, nowMs: number): boolean {
  const [madeAt = '', signature = ''] = pass.split('.');
  const expected = Buffer.from(signatureOf(secretKey, madeAt));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  return Math.abs(nowMs - Number(madeAt)) < VALID_MS;
}

function signatureOf(secretKey: string, madeAt: string): string {
  return createHmac('sha256', secretKey).update(`the doctor asks at ${madeAt}`).digest('hex');
}
