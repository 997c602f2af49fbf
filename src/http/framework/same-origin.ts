import { errorCodes, type FastifyRequest } from 'fastify';
import { ChitError } from '../../core/errors.ts';

/** `Sec-Fetch-Site` of requests from our own pages, or from no page (Fetch Metadata, W3C). */
const OWN_SITES: readonly (string | undefined)[] = [undefined, 'same-origin', 'none'];

/**
 * Rejects requests that a page of another site made the browser send. Such a page could sign people
 * in to an account that somebody else can read (login CSRF). Browsers send `Sec-Fetch-Site` only
 * over https; without it, requiring JSON is enough, since a form cannot send JSON.
 * @throws ChitError `cross_site_request`; Fastify's media type error if the body is not JSON
 */
export async function requireSameOrigin({ headers }: FastifyRequest): Promise<void> {
  const site = headers['sec-fetch-site'];
  if (!OWN_SITES.includes([site].flat()[0])) {
    throw new ChitError('cross_site_request', undefined);
  }
  const type = headers['content-type'];
  const isJson = type === undefined || /^\s*application\/json\s*(;|$)/i.test(type);
  if (!isJson) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type);
}
