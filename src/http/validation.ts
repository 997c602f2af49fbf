/** Checks bodies against their schemas and says what is wrong in the words of Django. */
import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import { ChitError } from '../core/errors.ts';
import { isStorable } from '../core/storable-text.ts';
import { HttpError } from './http-error.ts';

type AjvOptions = NonNullable<FastifyServerOptions['ajv']>;

export const AJV_OPTIONS: AjvOptions = {
  customOptions: {
    // Nothing is bent to fit: a number is not a string, and unknown fields are simply not read.
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    allErrors: true,
    verbose: true,
    formats: { 'storable-text': isStorable },
    keywords: [
      {
        // Django trims a name before it looks at its length, so this comes first.
        keyword: 'x-trim',
        type: 'string',
        before: 'maxLength',
        modifying: true,
        errors: false,
        validate: trimInPlace,
      },
    ],
  },
  onCreate: (ajv) => {
    // RFC 3339 has leap seconds, and JavaScript's time has none.
    const { validate } = ajv.formats['date-time'] as { validate: (text: string) => boolean };
    ajv.addFormat('date-time', (text) => validate(text) && !Number.isNaN(Date.parse(text)));
  },
};

/**
 * Answers 404 to a path with text in it that no database can look up: nothing has such an id.
 * What may be in a body or a query is said by its schema.
 */
export function refuseUnstorablePaths(app: FastifyInstance): void {
  app.addHook('onRequest', ({ params }, _reply, done) => {
    const isFine = Object.values(params as Record<string, string>).every(isStorable);
    done(isFine ? undefined : new HttpError(404, { detail: 'Not found.' }));
  });
}

function trimInPlace(
  _schema: true,
  text: string,
  _parent?: object,
  place?: { parentData: Record<string | number, unknown>; parentDataProperty: string | number },
): boolean {
  if (place) place.parentData[place.parentDataProperty] = text.trim();
  return true;
}

/** What Ajv adds to an error in its verbose mode. */
type VerboseError = FastifySchemaValidationError & { data?: unknown };

/** Turns the faults of a body into one error with a message for each field. */
export function describeFaults(errors: FastifySchemaValidationError[]): Error {
  const fields: Record<string, string[]> = {};
  for (const error of errors as VerboseError[]) {
    const field = fieldOf(error);
    if (field === undefined) {
      const messages = ['Invalid data. Expected an object.'];
      return new HttpError(400, { non_field_errors: messages });
    }
    // One message a field, the first: a field that is no string is not also too long.
    fields[field] ??= [messageFor(error)];
  }
  return new ChitError('invalid_fields', { fields });
}

function fieldOf(error: VerboseError): string | undefined {
  if (error.keyword === 'required') return String(error.params.missingProperty);
  return error.instancePath === '' ? undefined : error.instancePath.slice(1);
}

function messageFor({ keyword, params, data }: VerboseError): string {
  switch (keyword) {
    case 'required':
      return 'This field is required.';
    case 'type':
      return data === null ? 'This field may not be null.' : 'Not a valid string.';
    case 'minLength':
    case 'pattern':
      return 'This field may not be blank.';
    case 'maxLength':
      return `Ensure this field has no more than ${params.limit} characters.`;
    case 'format':
      return unstorable(String(data));
    default:
      return 'Not a valid value.';
  }
}

function unstorable(text: string): string {
  if (text.includes('\0')) return 'Null characters are not allowed.';
  const surrogate = /\p{Surrogate}/u.exec(text)?.[0] ?? '';
  const codePoint = surrogate.charCodeAt(0).toString(16).toUpperCase();
  return `Surrogate characters are not allowed: U+${codePoint}.`;
}
