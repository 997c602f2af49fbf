/**
 * Request bodies: JSON, urlencoded and multipart. Each is read into memory, up to the limit, and
 * parsed into the object that the schemas check. An empty body is an empty object.
 */
import { isUtf8 } from 'node:buffer';
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import {
  boundedJson,
  type JsonFault,
  type LongString,
  MAX_JSON_DEPTH,
} from '../../core/json-bytes.ts';
import type { FormBody } from '../../models/request-body/form-body.ts';
import { HttpError } from './http-error.ts';
import { InTurns } from './in-turns.ts';
import { keptForm } from './kept-form.ts';
import { readBody } from './read-body.ts';

/** Django's limit. Far more fields would block the server for seconds while they are parsed. */
const MAX_FORM_FIELDS = 1_000;
/** A longer body of JSON is parsed when it is its turn: a megabyte takes milliseconds. */
const LONG_JSON_BYTES = 65_536;

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Whether to keep the raw body, to pass it on to a provider. What is parsed of it then has only
     * the beginnings of long strings that may be files.
     */
    keepsJson?: boolean;
    /** Whether the body is a form with a file, to pass it on to a provider. */
    keepsForm?: boolean;
  }
  interface FastifyRequest {
    /** The raw body, on routes that keep it; they take it with `takeBody`. */
    json: Buffer | null;
    /** The form, on routes that keep it; its fields and what its files are is the body. */
    form: FormBody | null;
    /** The strings of the raw body of which only the beginning was parsed. */
    longStrings: readonly LongString[] | null;
  }
}

/** Parses a body; on routes that keep it, `request` receives its long strings. */
type Parser = (body: Buffer, contentType: string, keeper: FastifyRequest | undefined) => unknown;

const PARSERS: Record<string, Parser> = {
  'application/json': parseJson,
  'application/x-www-form-urlencoded': parseForm,
  'multipart/form-data': parseMultipart,
};

/** The media type of SCIM (RFC 7644, 8.1), for directories alone. */
const SCIM_TYPE = 'application/scim+json';

/** The media types that a body may have. */
export const BODY_TYPES = Object.keys(PARSERS);

/** Makes the server accept exactly these three media types, and SCIM's where that is spoken. */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.decorateRequest('json', null);
  app.decorateRequest('longStrings', null);
  app.decorateRequest('form', null);
  const turns = new InTurns();
  for (const [type, parse] of [...Object.entries(PARSERS), [SCIM_TYPE, parseJson] as const]) {
    const parsed = (request: FastifyRequest, body: Buffer): unknown => {
      const { keepsJson = false, keepsForm = false, access } = request.routeOptions.config;
      const isRefused = access === 'scim' ? parse !== parseJson : type === SCIM_TYPE;
      if (isRefused) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
      if (keepsJson) {
        if (type !== 'application/json') throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
        request.json = body;
      }
      const contentType = request.headers['content-type'] ?? '';
      const { 'content-encoding': encoding = 'identity' } = request.headers;
      if (encoding.trim().toLowerCase() !== 'identity') {
        throw new ChitError('unsupported_media_type', { contentType, isEncoded: true });
      }
      if (keepsForm) {
        if (type !== 'multipart/form-data') throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
        return keepForm(request, body, contentType);
      }
      const work = () => parse(body, contentType, keepsJson ? request : undefined);
      return parse === parseJson && body.length > LONG_JSON_BYTES ? turns.do(work) : work();
    };
    app.addContentTypeParser(type, (request: FastifyRequest, payload, done) => {
      readBody(request, payload, (error, body) => {
        if (error) return done(error);
        try {
          const value = parsed(request, body);
          if (value instanceof Promise) value.then((it) => done(null, it), done);
          else done(null, value);
        } catch (fault) {
          done(fault as Error);
        }
      });
    });
  }
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined) request.body = {};
    done();
  });
}

function parseJson(
  body: Buffer,
  _contentType: string,
  keeper: FastifyRequest | undefined,
): unknown {
  if (body.length === 0) return {};
  const bounded = boundedJson(body, { shortensFiles: keeper !== undefined });
  if (typeof bounded === 'string') throw JSON_FAULTS[bounded];
  const { json, longStrings } = bounded;
  if (keeper) keeper.longStrings = longStrings;
  if (json !== body && !isUtf8(body)) throw malformed('JSON parse error - not valid UTF-8.');
  try {
    return JSON.parse(utf8(json, 'JSON'));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw malformed('JSON parse error - the body is not valid JSON.');
  }
}

const JSON_FAULTS: Readonly<Record<JsonFault, HttpError>> = {
  too_deep: malformed(`JSON parse error - nested more than ${MAX_JSON_DEPTH} levels deep.`),
  too_many_values: malformed(
    'JSON parse error - too many values. Send less at once: 30,000 members of objects or ' +
      'half a million numbers are too many.',
  ),
  too_long: new HttpError('body_too_large', {
    status: 413,
    detail: 'The request has more than 8 MiB of text. Only images and documents may be larger.',
  }),
};

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

/** Parses a form that is to be passed on; `request` receives it. */
async function keepForm(
  request: FastifyRequest,
  body: Buffer,
  contentType: string,
): Promise<unknown> {
  const kept = await keptForm(body, contentType);
  if (!kept) {
    throw malformed('Multipart form parse error - it is malformed, or has more than 100 parts.');
  }
  request.form = kept.form;
  request.json = kept.json;
  return kept.value;
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

function malformed(detail: string): HttpError {
  return new HttpError('malformed_request', { status: 400, body: { detail } });
}
