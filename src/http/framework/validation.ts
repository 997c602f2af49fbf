/** Checks bodies and queries against their schemas, and says what is wrong; as Django says it, if
 * Django would. */
import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import { isStorable } from '../../core/storable-text.ts';
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
      // What is said where a pattern does not fit; without it, that the field is blank.
      { keyword: 'x-wrong', schemaType: 'string' },
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

/** A schema, as far as it says what fits. */
interface Schema {
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-wrong'?: string;
}

/** What Ajv adds to an error in its verbose mode. */
interface VerboseError extends FastifySchemaValidationError {
  readonly data?: unknown;
  /** The value of the keyword. */
  readonly schema?: unknown;
  readonly parentSchema?: Schema;
}

/** Turns the faults of a body or a query into one error with a message for each field. */
export function describeFaults(errors: FastifySchemaValidationError[]): Error {
  const fields: Record<string, string[]> = {};
  for (const error of errors as VerboseError[]) {
    const field = fieldOf(error);
    if (field === undefined) {
      const messages = ['Invalid data. Expected an object.'];
      return new HttpError(400, { non_field_errors: messages });
    }
    // One message a field, the first: a field that is no string is not also too long.
    fields[field] ??= [messageFor(error, errors)];
  }
  return new ChitError('invalid_fields', { fields });
}

/** Its place in the body, such as `to/5/tokens`. */
function fieldOf({ keyword, instancePath, params }: VerboseError): string | undefined {
  const place = keyword === 'required' ? `${instancePath}/${params.missingProperty}` : instancePath;
  return place === '' ? undefined : place.slice(1);
}

function messageFor(error: VerboseError, all: readonly VerboseError[]): string {
  const { keyword, params, data, parentSchema = {} } = error;
  switch (keyword) {
    case 'required':
      return 'This field is required.';
    case 'type':
      return data === null ? 'This field may not be null.' : wrongType(params.type, parentSchema);
    case 'minLength':
    case 'pattern':
      return parentSchema['x-wrong'] ?? 'This field may not be blank.';
    case 'maxLength':
      return `Ensure this field has no more than ${params.limit} characters.`;
    case 'format':
      return params.format === 'storable-text' ? unstorable(String(data)) : NO_MOMENT;
    case 'minimum':
    case 'maximum':
      return wholeNumber(parentSchema);
    case 'minItems':
      return `At least ${items(params.limit)}.`;
    case 'maxItems':
      return `At most ${items(params.limit)}.`;
    case 'enum':
      return oneOf(params.allowedValues);
    case 'const':
      return oneOf(choicesAt(error.instancePath, all));
    default:
      return 'Not a valid value.';
  }
}

const NO_MOMENT = 'Give a moment in time such as 2026-11-23T00:00:00Z.';

function wrongType(type: unknown, schema: Schema): string {
  if (type === 'boolean') return 'Give true or false.';
  if (type === 'integer') return wholeNumber(schema);
  if (type === 'array') return 'Give a list.';
  return type === 'object' ? 'Give an object.' : 'Not a valid string.';
}

function wholeNumber({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined) return 'Give a whole number.';
  return `Give a whole number from ${minimum} to ${maximum}.`;
}

function items(limit: unknown): string {
  return limit === 1 ? '1 item' : `${limit} items`;
}

function oneOf(choices: unknown): string {
  return `Give one of ${(choices as readonly unknown[]).join(', ')}.`;
}

/** All that may stand in a place where a choice is refused: Ajv tells of each by itself. */
function choicesAt(place: string, all: readonly VerboseError[]): unknown[] {
  const refused = all.filter((it) => it.instancePath === place && it.keyword === 'const');
  return refused.map(({ schema }) => schema);
}

function unstorable(text: string): string {
  if (text.includes('\0')) return 'Null characters are not allowed.';
  const surrogate = /\p{Surrogate}/u.exec(text)?.[0] ?? '';
  const codePoint = surrogate.charCodeAt(0).toString(16).toUpperCase();
  return `Surrogate characters are not allowed: U+${codePoint}.`;
}
