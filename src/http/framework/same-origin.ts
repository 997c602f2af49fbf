import { errorCodes, type FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

/** What browsers say of a request of our own page, or of none (Fetch Metadata, W3C). */
const OUR_SITES: readonly (string | undefined)[] = [undefined, 'same-origin', 'none'];

/**
 * Refuses what a page of another site makes a browser send. Whoever is signed in by such a page
 * would write into an account that somebody else can read. Browsers say where a request comes from
 * if it goes over https; where they do not, a form cannot send JSON.
 * @throws HttpError 403; Fastify's error of a media type for a body that is not JSON
 */
export async function requireSameOrigin({ headers }: FastifyRequest): Promise<void> {
  const site = headers['sec-fetch-site'];
  if (!OUR_SITES.includes([site].flat()[0])) {
    throw new HttpError(403, { detail: 'Sign in and out on the page of this site itself.' });
  }
  const type = headers['content-type'];
  const isJson = type === undefined || /^\s*application\/json\s*(;|$)/i.test(type);
  if (!isJson) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type);
}
