/** Forms with files that are passed on to a provider: multipart/form-data (RFC 7578). */
import { randomUUID } from 'node:crypto';
import { type FormData, Response } from 'undici';

/** No API has more; far more would block the server while they are parsed. */
const MAX_PARTS = 100;
/** The content of longer parts is kept apart: parsing it would block the server. */
const LONG_CONTENT_BYTES = 4_096;
const LINE_END = Buffer.from('\r\n');
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** A field as it was sent. */
export interface FormField {
  readonly name: string;
  readonly content: Buffer;
  /** What it is, if it is a file. */
  readonly file: { readonly filename: string; readonly type: string } | undefined;
}

/** A form as it is sent, in parts. */
export interface EncodedForm {
  readonly contentType: string;
  readonly parts: readonly Buffer[];
}

/**
 * A form. What is long stands in it by a word, so that names and headers are read and written by
 * undici, while files stay where they are in the body.
 */
export class FormBody {
  readonly #form: FormData;
  readonly #contents: ReadonlyMap<string, Buffer>;

  private constructor(form: FormData, contents: ReadonlyMap<string, Buffer>) {
    this.#form = form;
    this.#contents = contents;
  }

  /** @returns undefined if the form is malformed, or has too many parts */
  static async from(body: Buffer, contentType: string): Promise<FormBody | undefined> {
    const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
    const boundary = quoted ?? plain;
    if (boundary === undefined) return undefined;
    const short = shortened(body, Buffer.from(`--${boundary}`));
    if (!short) return undefined;
    const headers = { 'content-type': contentType };
    const response = new Response(new Uint8Array(Buffer.concat(short.parts)), { headers });
    const form = await response.formData().catch(() => undefined);
    // Whoever counts otherwise has found a delimiter elsewhere.
    return form && [...form].length === short.count
      ? new FormBody(form, short.contents)
      : undefined;
  }

  /** The fields in order. */
  async fields(): Promise<FormField[]> {
    const fields: FormField[] = [];
    for (const [name, field] of this.#form) {
      const isText = typeof field === 'string';
      const content = isText ? field : await field.text();
      const file = isText ? undefined : { filename: field.name, type: field.type };
      // A short file need not be text.
      const short = isText ? Buffer.from(content) : Buffer.from(await field.arrayBuffer());
      fields.push({ name, content: this.#contents.get(content) ?? short, file });
    }
    return fields;
  }

  /** The form with text fields in place of those that it has. */
  async with(changed: Readonly<Record<string, unknown>>): Promise<EncodedForm> {
    for (const [name, value] of Object.entries(changed)) this.#form.set(name, String(value));
    const response = new Response(this.#form);
    const encoded = Buffer.from(await response.arrayBuffer());
    const parts: Buffer[] = [];
    let done = 0;
    for (const [word, content] of this.#contents) {
      const at = encoded.indexOf(word, done);
      // The field was replaced.
      if (at === -1) continue;
      parts.push(encoded.subarray(done, at), content);
      done = at + word.length;
    }
    parts.push(encoded.subarray(done));
    return { contentType: response.headers.get('content-type') ?? '', parts };
  }
}

/** The same form with words for its long contents; undefined if it is malformed. */
function shortened(body: Buffer, delimiter: Buffer) {
  const parts: Buffer[] = [];
  const contents = new Map<string, Buffer>();
  const next = Buffer.concat([LINE_END, delimiter]);
  if (!body.subarray(0, delimiter.length).equals(delimiter)) return undefined;
  let done = 0;
  let count = 0;
  for (let at = delimiter.length; !isLast(body, at); count += 1) {
    const headEnd = body.indexOf(END_OF_HEAD, at);
    const end = headEnd === -1 ? -1 : body.indexOf(next, headEnd + LINE_END.length);
    if (end === -1 || count === MAX_PARTS) return undefined;
    const start = headEnd + END_OF_HEAD.length;
    if (end - start > LONG_CONTENT_BYTES) {
      const word = randomUUID();
      contents.set(word, body.subarray(start, end));
      parts.push(body.subarray(done, start), Buffer.from(word));
      done = end;
    }
    at = end + next.length;
  }
  parts.push(body.subarray(done));
  return { parts, contents, count };
}

function isLast(body: Buffer, at: number): boolean {
  return body.toString('latin1', at, at + 2) === '--';
}
