/** Errors in the shape of SCIM (RFC 7644, 3.12). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, hasCode } from '../../core/errors.ts';
import type { ScimErrorType } from '../../core/scim.ts';
import { responseTo } from '../framework/errors.ts';
import { pathOf } from '../framework/gateway-path.ts';
import { keepOpenForBody } from '../framework/linger.ts';

export const SCIM_TYPE = 'application/scim+json';
export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

const SCIM_PATH = /^\/scim(?:\/|$)/i;

/** What errors that other APIs have too are in SCIM. */
const TYPES: Partial<Readonly<Record<ErrorCode, ScimErrorType>>> = {
  invalid_fields: 'invalidValue',
  malformed_request: 'invalidSyntax',
};

/** Whether a request is made by SCIM, whatever its path leads to. */
export function isForScim(request: FastifyRequest): boolean {
  return SCIM_PATH.test(pathOf(request));
}

/** Answers a request by SCIM that failed. */
export function replyInScim(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode, code, headers, message } = responseTo(error, request);
  const [field] = hasCode(error, 'invalid_fields') ? Object.keys(error.details.fields) : [];
  const scimType = hasCode(error, 'scim_refused') ? error.details.type : TYPES[code];
  keepOpenForBody(reply);
  return reply
    .code(statusCode)
    .headers(headers)
    .header('x-request-id', request.id)
    .type(SCIM_TYPE)
    .serializer(JSON.stringify)
    .send({
      schemas: [ERROR_SCHEMA],
      status: String(statusCode),
      ...(scimType ? { scimType } : {}),
      // Of the other APIs, the body has a member for each field.
      detail: field === undefined ? message : `${field}: ${message}`,
    });
}
