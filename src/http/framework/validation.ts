/**
 * Checks bodies and queries against their schemas, and says which fields are invalid: in Django's
 * words where Django has the same check.
 */
import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import type { FieldError } from '../../core/field-fault.ts';
import { isStorable } from '../../core/storable-text.ts';

type AjvOptions = NonNullable<FastifyServerOptions['ajv']>;

export const AJV_OPTIONS: AjvOptions = {
  customOptions: {
    // Nothing is coerced: a number is not a string, and unknown fields are ignored.
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    allErrors: true,
    verbose: true,
    formats: { 'storable-text': isStorable },
    keywords: [
      {
        // Django trims a name before it checks the length, so this comes first.
        keyword: 'x-trim',
        type: 'string',
        before: 'maxLength',
        modifying: true,
        errors: false,
        validate: trimInPlace,
      },
      // The message when the pattern does not match; by default, that the field is blank.
      { keyword: 'x-message', schemaType: 'string' },
    ],
  },
  onCreate: (ajv) => {
    // RFC 3339 allows leap seconds, which JavaScript cannot represent.
    const { validate } = ajv.formats['date-time'] as { validate: (text: string) => boolean };
    ajv.addFormat('date-time', (text) => validate(text) && !Number.isNaN(Date.parse(text)));
  },
};

/**
 * Answers 404 if the path contains text that no database can store: nothing has such an id. Bodies
 * and queries are checked by their schemas.
 */
export function refuseUnstorablePaths(app: FastifyInstance): void {
  app.addHook('onRequest', ({ params }, _reply, done) => {
    const isFine = Object.values(params as Record<string, string>).every(isStorable);
    done(isFine ? undefined : new ChitError('not_found', undefined));
  });
}

function trimInPlace(
  _schema: true,
  text: string,
  _parent?: object,
  position?: { parentData: Record<string | number, unknown>; parentDataProperty: string | number },
): boolean {
  if (position) position.parentData[position.parentDataProperty] = text.trim();
  return true;
}

/** The parts of a schema that messages mention. */
interface Schema {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-message'?: string;
}

/** An error of Ajv in its verbose mode. */
interface VerboseError extends FastifySchemaValidationError {
  /** The invalid value. */
  readonly data?: unknown;
  /** The value of the keyword in the schema. */
  readonly schema?: unknown;
  readonly parentSchema?: Schema;
}

/** The name under which Django reports a body that is not an object. */
export const NON_FIELD_ERRORS = 'non_field_errors';
const NOT_AN_OBJECT: FieldError = {
  message: 'Invalid data. Expected an object.',
  fault: { code: 'wrong_type', expected: 'object' },
};

/** Turns the errors of a body or a query into one error, with what is wrong with each field. */
export function toInvalidFields(
  errors: readonly FastifySchemaValidationError[],
): ChitError<'invalid_fields'> {
  const fields: Record<string, FieldError[]> = {};
  for (const error of errors as readonly VerboseError[]) {
    const path = pathOf(error);
    if (path === '') {
      return new ChitError('invalid_fields', { fields: { [NON_FIELD_ERRORS]: [NOT_AN_OBJECT] } });
    }
    // Only the first for each field: one that is not a string is not also too long.
    fields[path] ??= [fieldErrorOf(error, errors)];
  }
  return new ChitError('invalid_fields', { fields });
}

/** The path of the field, such as `to/5/tokens`; empty for the body itself. */
function pathOf({ keyword, instancePath, params }: VerboseError): string {
  const path = keyword === 'required' ? `${instancePath}/${params.missingProperty}` : instancePath;
  return path.slice(1);
}

function fieldErrorOf(error: VerboseError, all: readonly VerboseError[]): FieldError {
  const { keyword, params, data, parentSchema = {} } = error;
  switch (keyword) {
    case 'required':
      return { message: 'This field is required.', fault: { code: 'required' } };
    case 'type':
      if (data !== null) return wrongType(String(params.type), parentSchema);
      return { message: 'This field may not be null.', fault: { code: 'null' } };
    case 'minLength':
    case 'pattern': {
      const message = parentSchema['x-message'];
      if (message !== undefined) return { message, fault: { code: 'invalid' } };
      return { message: 'This field may not be blank.', fault: { code: 'blank' } };
    }
    case 'maxLength': {
      const max = Number(params.limit);
      const message = `Ensure this field has no more than ${max} characters.`;
      return { message, fault: { code: 'too_long', max } };
    }
    case 'format':
      return params.format === 'storable-text' ? notStorable(String(data)) : NOT_A_TIME;
    case 'minimum':
    case 'maximum':
      return outOfRange(parentSchema);
    case 'minItems': {
      const min = Number(params.limit);
      return { message: `Give at least ${items(min)}.`, fault: { code: 'too_few_items', min } };
    }
    case 'maxItems': {
      const max = Number(params.limit);
      return { message: `Give at most ${items(max)}.`, fault: { code: 'too_many_items', max } };
    }
    case 'enum':
      return notAChoice(params.allowedValues as Choices);
    case 'const':
      return notAChoice(choicesAt(error.instancePath, all));
    default:
      return { message: 'Not a valid value.', fault: { code: 'invalid' } };
  }
}

const NOT_A_TIME: FieldError = {
  message: 'Give a date and time such as 2026-11-23T00:00:00Z.',
  fault: { code: 'not_a_time' },
};

const TYPE_MESSAGES: Readonly<Record<string, string>> = {
  boolean: 'Give true or false.',
  integer: 'Give a whole number.',
  array: 'Give a list.',
  object: 'Give an object.',
};

function wrongType(expected: string, { minimum: min, maximum: max }: Schema): FieldError {
  if (expected === 'integer' && min !== undefined && max !== undefined) {
    return {
      message: rangeMessage(min, max),
      fault: { code: 'wrong_type', expected, min, max },
    };
  }
  const message = TYPE_MESSAGES[expected] ?? 'Not a valid string.';
  return { message, fault: { code: 'wrong_type', expected } };
}

function outOfRange({ minimum, maximum }: Schema): FieldError {
  const min = minimum ?? Number.MIN_SAFE_INTEGER;
  const max = maximum ?? Number.MAX_SAFE_INTEGER;
  return { message: rangeMessage(min, max), fault: { code: 'out_of_range', min, max } };
}

function rangeMessage(min: number, max: number): string {
  return `Give a whole number from ${min} to ${max}.`;
}

function items(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

type Choices = readonly (string | number)[];

function notAChoice(choices: Choices): FieldError {
  const message = `Give one of ${choices.join(', ')}.`;
  return { message, fault: { code: 'not_a_choice', choices } };
}

/** All choices for a value that is none of them: Ajv reports each as an error of its own. */
function choicesAt(instancePath: string, all: readonly VerboseError[]): Choices {
  const failed = all.filter((it) => it.instancePath === instancePath && it.keyword === 'const');
  return failed.map(({ schema }) => schema as string | number);
}

function notStorable(text: string): FieldError {
  const fault = { code: 'not_storable' } as const;
  if (text.includes('\0')) return { message: 'Null characters are not allowed.', fault };
  const surrogate = /\p{Surrogate}/u.exec(text)?.[0] ?? '';
  const codePoint = surrogate.charCodeAt(0).toString(16).toUpperCase();
  return { message: `Surrogate characters are not allowed: U+${codePoint}.`, fault };
}
