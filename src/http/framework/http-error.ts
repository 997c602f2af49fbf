import type { ErrorCode } from '../../core/errors.ts';
import type { ErrorParams } from './error-schema.ts';

/** What is sent for an error. */
export type ErrorResponse<Code extends ErrorCode> = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & (
  | {
      /** A sentence for people. The body has it as `detail`, together with the code. */
      readonly detail: string;
    }
  | {
      /** A body that the original API fixes. It is sent as it is. */
      readonly body: object;
    }
) &
  (Code extends keyof ErrorParams
    ? { readonly params: ErrorParams[Code] }
    : { readonly params?: undefined });

/** The header has to pass proxies, many of which allow 4 or 8 KiB for all headers. */
const MAX_PARAMS_BYTES = 2_000;

/**
 * An error as it is sent: the status, the headers and the body. Thrown only for errors that exist
 * in HTTP alone; for all others, see `errors.ts`. The message is a sentence for people.
 */
export class HttpError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly params: object | undefined;
  readonly statusCode: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, response: ErrorResponse<Code>) {
    const { status, params, headers } = response;
    const described = 'detail' in response ? { detail: response.detail, code, params } : undefined;
    const body = described ?? ('body' in response ? response.body : {});
    super(sentenceIn(body));
    this.name = 'HttpError';
    this.code = code;
    this.params = params;
    this.statusCode = status;
    this.body = body;
    this.headers = { ...headers, ...errorHeaders(code, params) };
  }

  /** The data of an error event in a stream, where headers and statuses are sent already. */
  get event(): object {
    return { detail: this.message, code: this.code, params: this.params };
  }
}

/** The headers by which programs recognize an error, whatever its body is. */
export function errorHeaders(code: ErrorCode, params?: object): Record<string, string> {
  const json = params && paramsJson(params);
  return json === undefined || json === '{}'
    ? { 'chit-error': code }
    : { 'chit-error': code, 'chit-error-params': json };
}

/** Parameters as JSON that can be a header. Members that would make it too long are left out. */
function paramsJson(params: object): string {
  const json = asciiJson(params);
  if (json.length <= MAX_PARAMS_BYTES) return json;
  if (!('fields' in params)) return asciiJson(fittingMembers(params, MAX_PARAMS_BYTES));
  const fields = fittingMembers(params.fields as object, MAX_PARAMS_BYTES - '{"fields":}'.length);
  return asciiJson({ fields });
}

function fittingMembers(object: object, maxBytes: number): object {
  const fitting: Record<string, unknown> = {};
  let bytes = '{}'.length;
  for (const [name, value] of Object.entries(object)) {
    const memberBytes = asciiJson({ [name]: value }).length - '{}'.length + ','.length;
    if (bytes + memberBytes > maxBytes) continue;
    bytes += memberBytes;
    fitting[name] = value;
  }
  return fitting;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The first sentence of a body such as `{"error": "…"}` or `{"password": ["…"]}`. */
function sentenceIn(body: object): string {
  return String(Object.values(body).flat()[0]);
}
