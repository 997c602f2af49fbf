/** Forms with a file that are passed on to a provider, and what they say. */
import { hashOfBytes } from '../../app/metering/idempotency.ts';
import { ChitError } from '../../core/errors.ts';
import { audioSeconds } from '../../models/input-measure/file-size.ts';
import { FormBody, type FormField } from '../../models/request-body/form-body.ts';

/** As much of a file as tells what it is. */
const HEAD_BYTES = 64;
/** A prompt is far shorter. */
const MAX_TEXT_BYTES = 1_048_576;
/** What a second of speech takes where the file does not say: 32 kbit/s. */
const LIKELY_BYTES_PER_SECOND = 4_000;

/** A form, and what it says as a JSON object. */
export interface KeptForm {
  readonly form: FormBody;
  /** Text fields, lists of those whose names end in `[]`, and a description of each file. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The same as JSON, by which two forms can be compared: a boundary is chosen at random. */
  readonly json: Buffer;
}

/**
 * Parses a form. It is sent on from what was parsed, so that no other parser can read it otherwise.
 * @returns undefined if it is malformed, or has too many parts
 * @throws ChitError `member_repeated`, `body_too_large` if a field that is no file is
 */
export async function keptForm(body: Buffer, contentType: string): Promise<KeptForm | undefined> {
  const form = await FormBody.from(body, contentType);
  if (!form) return undefined;
  const value: Record<string, unknown> = Object.create(null);
  for (const field of await form.fields()) {
    const { name, content, file } = field;
    if (!file && content.length > MAX_TEXT_BYTES) throw new ChitError('body_too_large', undefined);
    const described = file ? await descriptionOf(field) : content.toString('utf8');
    const before = value[name];
    if (before === undefined) value[name] = name.endsWith('[]') ? [described] : described;
    else if (Array.isArray(before)) before.push(described);
    else throw new ChitError('member_repeated', { member: name.slice(0, 200), readAs: name });
  }
  return { form, value, json: Buffer.from(JSON.stringify(value)) };
}

/** What the guard, the hold and an idempotency key need to know of a file. */
async function descriptionOf({ content, file }: FormField): Promise<object> {
  const bytes = content.length;
  const { most, isExact } = audioSeconds(bytes, content.subarray(0, HEAD_BYTES));
  const likely = isExact ? most : Math.min(most, bytes / LIKELY_BYTES_PER_SECOND);
  return {
    ...file,
    bytes,
    sha256: await hashOfBytes(content),
    mostSeconds: Math.ceil(most),
    likelySeconds: Math.ceil(likely),
    isExact,
  };
}
