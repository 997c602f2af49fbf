/**
 * Request bodies: JSON, urlencoded and multipart. Each is read into memory, up to the limit, and
 * parsed into the object that the schemas check. An empty body is an empty object.
 */
import { isUtf8 } from 'node:buffer';
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

/** Far deeper than any real body, and far less than would overflow the stack. */
const MAX_JSON_DEPTH = 100;
/** Django's limit. Far more fields would block the server for seconds while they are parsed. */
const MAX_FORM_FIELDS = 1_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether to keep the raw body, to pass it on to a provider. */
    keepsJson?: boolean;
  }
  interface FastifyRequest {
    /** The raw body, on routes that keep it. */
    json: string;
  }
}

const PARSERS: Record<string, (body: Buffer, contentType: string) => unknown> = {
  'application/json': parseJson,
  'application/x-www-form-urlencoded': parseForm,
  'multipart/form-data': parseMultipart,
};

/** The media types that a body may have. */
export const BODY_TYPES = Object.keys(PARSERS);

/** Makes the server accept exactly these three media types. */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.decorateRequest('json', '');
  for (const [type, parse] of Object.entries(PARSERS)) {
    app.addContentTypeParser(
      type,
      { parseAs: 'buffer' },
      (request: FastifyRequest, body: Buffer, done) => {
        if (request.routeOptions.config.keepsJson) {
          if (type !== 'application/json') throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
          request.json = body.toString('utf8');
        }
        const value = parse(body, request.headers['content-type'] ?? '');
        if (value instanceof Promise) return value;
        return done(null, value);
      },
    );
  }
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined) request.body = {};
    done();
  });
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(utf8(body, 'JSON'));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw malformed('JSON parse error - the body is not valid JSON.');
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    throw malformed(`JSON parse error - nested more than ${MAX_JSON_DEPTH} levels deep.`);
  }
  return value;
}

function parseForm(body: Buffer): unknown {
  const text = utf8(body, 'Form');
  if (text.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
    throw malformed(`Form parse error - more than ${MAX_FORM_FIELDS} fields.`);
  }
  return lastValues(new URLSearchParams(text));
}

async function parseMultipart(body: Buffer, contentType: string): Promise<unknown> {
  if (body.length === 0) return {};
  try {
    const response = new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    });
    return lastValues((await response.formData()).entries());
  } catch {
    throw malformed('Multipart form parse error - the body does not match its boundary.');
  }
}

/** The last value of a field that was sent more than once, as in Django. */
function lastValues(entries: Iterable<[string, unknown]>): Record<string, unknown> {
  const body: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) body[name] = value;
  return body;
}

function utf8(body: Buffer, kind: 'JSON' | 'Form'): string {
  if (!isUtf8(body)) throw malformed(`${kind} parse error - the body is not valid UTF-8.`);
  return body.toString('utf8');
}

/** Level by level rather than by recursion, which a deep value would overflow. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = isContainer(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((it) => Object.values(it).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function malformed(detail: string): HttpError {
  return new HttpError('malformed_request', { status: 400, body: { detail } });
}
