/** Forms with a file that are passed on to a provider: multipart/form-data (RFC 7578). */
import { createHash } from 'node:crypto';
import { type FormData, Response } from 'undici';
import { ChitError } from '../../core/errors.ts';
import { audioSeconds } from '../../models/input-measure/file-size.ts';

/** No API has more; far more would block the server while they are parsed. */
const MAX_PARTS = 100;
/** As much of a file as tells what it is. */
const HEAD_BYTES = 64;
/** What a second of speech takes where the file does not say: 32 kbit/s. */
const LIKELY_BYTES_PER_SECOND = 4_000;

/** A form, and what it says as a JSON object. */
export interface KeptForm {
  readonly form: FormData;
  /** Text fields, lists of those whose names end in `[]`, and a description of each file. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The same as JSON, by which two forms can be compared: a boundary is chosen at random. */
  readonly json: Buffer;
}

/**
 * Parses a form. It is sent on from what was parsed, so that no other parser can read it otherwise.
 * @returns undefined if it is malformed, or has too many parts
 * @throws ChitError `member_repeated`
 */
export async function keptForm(body: Buffer, contentType: string): Promise<KeptForm | undefined> {
  if (!hasFewParts(body, contentType)) return undefined;
  const headers = { 'content-type': contentType };
  const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers })
    .formData()
    .catch(() => undefined);
  if (!form) return undefined;
  const value: Record<string, unknown> = Object.create(null);
  for (const [name, field] of form) {
    const described = typeof field === 'string' ? field : await descriptionOf(field);
    const before = value[name];
    if (before === undefined) value[name] = name.endsWith('[]') ? [described] : described;
    else if (Array.isArray(before)) before.push(described);
    else throw new ChitError('member_repeated', { member: name.slice(0, 200), readAs: name });
  }
  return { form, value, json: Buffer.from(JSON.stringify(value)) };
}

function hasFewParts(body: Buffer, contentType: string): boolean {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  const delimiter = `--${boundary}`;
  let parts = 0;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    parts += 1;
    if (parts > MAX_PARTS) return false;
  }
  return true;
}

/** What the guard, the hold and an idempotency key need to know of a file. */
async function descriptionOf(file: Blob & { readonly name?: string }): Promise<object> {
  const head = Buffer.from(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const { most, isExact } = audioSeconds(file.size, head);
  const likely = isExact ? most : Math.min(most, file.size / LIKELY_BYTES_PER_SECOND);
  const hash = createHash('sha256');
  for await (const chunk of file.stream()) hash.update(chunk as Uint8Array);
  return {
    filename: file.name,
    type: file.type,
    bytes: file.size,
    sha256: hash.digest('base64url'),
    mostSeconds: Math.ceil(most),
    likelySeconds: Math.ceil(likely),
    isExact,
  };
}
