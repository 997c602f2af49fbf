/** Small files of every kind, made by the byte, for tests. */
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';

/** A PNG file of a size, with nothing but its header and an end. */
export function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(33);
  head.write('\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR', 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.write('\x08\x02', 24, 'latin1');
  return Buffer.concat([head, Buffer.from('\x00\x00\x00\x00IEND\xaeB`\x82', 'latin1')]);
}

/** An entry of an archive; `claims` is the size that it declares, if not its own. */
export interface ZipEntry {
  readonly name: string;
  readonly content: string | Buffer;
  readonly claims?: number;
}

/** A ZIP archive (APPNOTE.TXT 4.3), compressed, without checksums that anybody checks. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, claims } of entries) {
    const raw = Buffer.from(content as string);
    const packed = deflateRawSync(raw);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claims ?? raw.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(at, 10);
    const version = Buffer.from([20, 0]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), version, fields, more, Buffer.from(name)]),
    );
    files.push(file);
    at += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, list, Buffer.from('PK\x05\x06'), end]);
}

/** A document of a word processor with these paragraphs. */
export function docx(...paragraphs: readonly string[]): Buffer {
  const body = paragraphs.map((it) => `<w:p><w:r><w:t>${it}</w:t></w:r></w:p>`).join('');
  return zip([
    { name: '[Content_Types].xml', content: '<Types/>' },
    {
      name: 'word/document.xml',
      content: `<?xml version="1.0"?><w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`,
    },
  ]);
}

/** What a page of a PDF file is to have. */
export interface PdfOptions {
  /** The streams of its pages; each is deflated if `isDeflated`. */
  readonly pages: readonly string[];
  readonly isDeflated?: boolean;
  /** Members of its catalogue, such as `/OpenAction …`. */
  readonly catalog?: string;
  /** How many pages its tree claims. */
  readonly claims?: number;
}

/** A PDF file (ISO 32000-1, 7.5). */
export function pdf({ pages, isDeflated = false, catalog = '', claims }: PdfOptions): Buffer {
  const kids = pages.map((_, nth) => `${4 + 2 * nth} 0 R`).join(' ');
  const objects: Buffer[] = [
    `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    `<</Type/Pages/Kids[${kids}]/Count ${claims ?? pages.length}>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ].map((it) => Buffer.from(it));
  for (const [nth, text] of pages.entries()) {
    const content = isDeflated ? deflateSync(text) : Buffer.from(text, 'latin1');
    const filter = isDeflated ? '/Filter/FlateDecode' : '';
    objects.push(
      Buffer.from(
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</Font<</F1 3 0 R>>>>` +
          `/Contents ${5 + 2 * nth} 0 R>>`,
      ),
      Buffer.concat([
        Buffer.from(`<</Length ${content.length}${filter}>>stream\n`),
        content,
        Buffer.from('\nendstream'),
      ]),
    );
  }
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  let at = parts[0]?.length ?? 0;
  let table = '0000000000 65535 f \n';
  for (const [nth, object] of objects.entries()) {
    const part = Buffer.concat([
      Buffer.from(`${nth + 1} 0 obj\n`),
      object,
      Buffer.from('\nendobj\n'),
    ]);
    table += `${String(at).padStart(10, '0')} 00000 n \n`;
    parts.push(part);
    at += part.length;
  }
  const size = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${size}\n${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${at}\n`),
    Buffer.from('%%EOF'),
  );
  return Buffer.concat(parts);
}

/** The stream of a page that shows a line. */
export function pdfLine(text: string): string {
  return `BT /F1 12 Tf 10 100 Td (${text}) Tj ET`;
}

/** The form of an upload. */
export function uploadForm(name: string, content: Buffer, type = ''): FormData {
  const form = new FormData();
  form.append('file', new File([new Uint8Array(content)], name, { type }));
  return form;
}

/** A PNG file that a browser can decode: grey, of a size. */
export function greyPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const rows = Buffer.alloc(height * (width + 1), 0x80);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
