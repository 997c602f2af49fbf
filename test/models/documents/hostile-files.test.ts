/** Files that are made to hurt: each is read within limits, or refused with a code. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { FILE_FAULTS, type FileFault, fileName } from '../../../src/core/files.ts';
import { UnreadableDocument } from '../../../src/models/documents/document-limits.ts';
import { DocumentReader } from '../../../src/models/documents/document-reader.ts';
import { readContent } from '../../../src/models/documents/read-content.ts';
import {
  docx,
  greyPng,
  type PdfOptions,
  pdf,
  pdfLine,
  png,
  type ZipEntry,
  zip,
} from '../../support/sample-files.ts';

/** What must become of a file: a code, its kind, or any of them. */
type Outcome = FileFault | 'picture' | 'text' | 'document' | 'pdf' | 'any';

const MEGABYTE = 1_000_000;
/** More than any of them takes on a busy machine, in milliseconds. */
const LONG_ENOUGH = 120_000;
const reader = new DocumentReader(LONG_ENOUGH);
after(() => reader.stop());

const word = (xml: string | Buffer, more: readonly ZipEntry[] = []) =>
  zip([{ name: 'word/document.xml', content: xml }, ...more]);
const body = (text: string) => `<w:document><w:body>${text}</w:body></w:document>`;
const paragraph = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
const sheet = (cells: string, more: readonly ZipEntry[] = []) =>
  zip([
    { name: 'xl/workbook.xml', content: '<workbook><sheet name="A" r:id="r1"/></workbook>' },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content:
        '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
    },
    { name: 'xl/worksheets/sheet1.xml', content: `<worksheet>${cells}</worksheet>` },
    ...more,
  ]);
const odf = (xml: string) =>
  zip([
    { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text' },
    { name: 'content.xml', content: xml },
  ]);
const page = (options: Partial<PdfOptions> = {}) => pdf({ pages: [pdfLine('Hi')], ...options });
const cut = (file: Buffer, part: number) => file.subarray(0, Math.floor(file.length * part));

const LAUGHS = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from(
  { length: 9 },
  (_, nth) => `<!ENTITY ${'bcdefghij'[nth]} "${`&${'abcdefghi'[nth]};`.repeat(10)}">`,
).join('')}]>`;

/** What a part says that it inflates to; memory is given for what is said. */
const BOMB = 110 * MEGABYTE;

type Files = Record<string, readonly [Outcome, () => Buffer]>;

const ARCHIVES: Files = {
  'nothing at all': ['empty', () => Buffer.alloc(0)],
  'a part that inflates to more than fits': [
    'too_much_inside',
    () => zip([{ name: 'word/document.xml', content: '', claims: BOMB }]),
  ],
  'a part that says it is small, and is not': [
    'any',
    () => zip([{ name: 'word/document.xml', content: Buffer.alloc(MEGABYTE, ' '), claims: 10 }]),
  ],
  'a part that says it has four gigabytes': [
    'too_much_inside',
    () => zip([{ name: 'word/document.xml', content: body(''), claims: 0xffff_fffe }]),
  ],
  'many parts that are too much together': [
    'too_much_inside',
    () =>
      sheet(
        '',
        Array.from({ length: 60 }, (_, nth) => ({
          name: `xl/worksheets/sheet${nth + 2}.xml`,
          content: '',
          claims: 2 * MEGABYTE,
        })),
      ),
  ],
  'an archive in an archive': [
    'kind_unknown',
    () => zip([{ name: 'inner.zip', content: zip([{ name: 'x', content: docx('x') }]) }]),
  ],
  'a bomb in a part that nobody reads': [
    'document',
    () => word(body(paragraph('x')), [{ name: 'word/media/x.png', content: '', claims: BOMB }]),
  ],
  'more entries than any document has': [
    'too_much_inside',
    () => zip(Array.from({ length: 20_001 }, (_, nth) => ({ name: `${nth}`, content: '' }))),
  ],
  'more text than a chat has': [
    'too_much_text',
    () => word(body(paragraph('x'.repeat(4.1 * MEGABYTE)))),
  ],
  'a billion laughs': ['damaged', () => word(`${LAUGHS}${body(paragraph('&j;'))}`)],
  'a billion laughs in a sheet': [
    'damaged',
    () => sheet('', [{ name: 'xl/styles.xml', content: `${LAUGHS}<x/>` }]),
  ],
  'a billion laughs in OpenDocument': ['damaged', () => odf(`${LAUGHS}<text:p>&j;</text:p>`)],
  'an entity that is a file': [
    'damaged',
    () => word(`<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${body(paragraph('&f;'))}`),
  ],
  'an entity at another host': [
    'damaged',
    () => odf('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><text:p>x</text:p>'),
  ],
  'an entity that nobody has defined': ['damaged', () => word(body(paragraph('&nobody;')))],
  'XML that never ends': ['damaged', () => word('<w:document><w:body>')],
  'XML that is none': ['damaged', () => word('no XML')],
  'tags within tags within tags': [
    'any',
    () => word(body(`${'<w:p>'.repeat(20_000)}${'</w:p>'.repeat(20_000)}`)),
  ],
  'an attribute of a megabyte': [
    'document',
    () => word(`<w:document a="${'x'.repeat(MEGABYTE)}"/>`),
  ],
  'a hundred thousand attributes': [
    'any',
    () => word(`<x ${Array.from({ length: 20_000 }, (_, nth) => `a${nth}=""`).join(' ')}/>`),
  ],
  'bytes that are no UTF-8': ['any', () => word(Buffer.from(body('x\xff\xfe'), 'latin1'))],
};

const SHEETS: Files = {
  'a cell at the end of the sheet': [
    'document',
    () => sheet(`<row>${'<c r="XFD1" t="str"><v>x</v></c>'.repeat(2)}</row>`),
  ],
  'a million rows with one cell far out': [
    'too_much_text',
    () => sheet('<row><c r="XFD1" t="str"><v>x</v></c></row>'.repeat(85_000)),
  ],
  'a shared text that is not there': ['document', () => sheet('<c t="s"><v>99999999</v></c>')],
  'a date beyond all time': ['document', () => sheet('<c s="0"><v>1e308</v></c>')],
  'sheets that refer to each other and to files outside': [
    'document',
    () => sheet('<c><f>HYPERLINK("file:///etc/passwd")</f><v>1</v></c>'),
  ],
  'two billion cells in one': [
    'document',
    () =>
      odf(
        '<t><table:table-cell table:number-columns-repeated="2147483647"/><text:p>x</text:p></t>',
      ),
  ],
  'two billion blanks in one': [
    'document',
    () => odf('<text:p>a<text:s text:c="2147483647"/>b</text:p>'),
  ],
  'a name that leads out of the archive': [
    'kind_unknown',
    () => zip([{ name: '../../../../etc/passwd', content: 'x' }]),
  ],
  'a name with a zero byte': [
    'kind_unknown',
    () => zip([{ name: 'word\0/document.xml', content: '' }]),
  ],
  'parts with the same name': [
    'any',
    () => word(body(paragraph('one')), [{ name: 'word/document.xml', content: ' ' }]),
  ],
  'the names of objects': [
    'kind_unknown',
    () =>
      zip([
        { name: '__proto__', content: 'x' },
        { name: 'constructor', content: 'x' },
      ]),
  ],
};

const PDFS: Files = {
  'a page that inflates to more than fits': [
    'too_much_inside',
    () => page({ pages: [' '.repeat(34 * MEGABYTE)], isDeflated: true }),
  ],
  'a thousand pages': ['pdf', () => page({ pages: Array.from({ length: 1_000 }, () => '') })],
  'more pages than are read': [
    'too_many_pages',
    () => page({ pages: Array.from({ length: 2_001 }, () => '') }),
  ],
  'a page with one word of a hundred thousand letters': [
    'any',
    () => page({ pages: [pdfLine('x'.repeat(100_000))] }),
  ],
  'a million pages that are not there': ['any', () => page({ claims: 1_000_000 })],
  'a negative number of pages': ['any', () => page({ claims: -1 })],
  'JavaScript at its opening': [
    'pdf',
    () => page({ catalog: '/OpenAction<</S/JavaScript/JS(while\\(true\\){})>>' }),
  ],
  'a program to launch': ['pdf', () => page({ catalog: '/OpenAction<</S/Launch/F(/bin/sh)>>' })],
  'an address to open': [
    'pdf',
    () => page({ catalog: '/OpenAction<</S/URI/URI(http://127.0.0.1:1/)>>' }),
  ],
  'a form of XML': ['pdf', () => page({ catalog: '/AcroForm<</XFA(x)>>' })],
  'a tree that is its own root': [
    'any',
    () => Buffer.from(page().toString('latin1').replace('/Kids[4 0 R]', '/Kids[2 0 R]'), 'latin1'),
  ],
  'a catalogue that is not there': [
    'damaged',
    () => Buffer.from(page().toString('latin1').replace('/Root 1 0 R', '/Root 9 0 R'), 'latin1'),
  ],
  'a password': [
    'encrypted',
    () =>
      Buffer.from(
        page()
          .toString('latin1')
          .replace(
            '/Root 1 0 R',
            `/Root 1 0 R/ID[<${'00'.repeat(16)}><${'00'.repeat(16)}>]` +
              `/Encrypt<</Filter/Standard/V 1/R 2/O<${'11'.repeat(32)}>` +
              `/U<${'22'.repeat(32)}>/P -4>>`,
          ),
        'latin1',
      ),
  ],
  'arrays within arrays': ['any', () => page({ catalog: `/X${'['.repeat(50_000)}` })],
  'a page that saves its state thousands of times': [
    'any',
    () => page({ pages: [`${'q '.repeat(5_000)}${pdfLine('x')}`] }),
  ],
  'only the header of a PDF file': ['damaged', () => Buffer.from('%PDF-1.7\n')],
  'a PDF header before a text': ['damaged', () => Buffer.from('%PDF-1.7\nHello')],
};

const OTHERS: Files = {
  'a picture with two billion pixels': ['picture_too_large', () => png(50_000, 50_000)],
  'a picture that is all width': ['picture_too_large', () => png(0x7fff_ffff, 1)],
  'a picture without height': ['damaged', () => png(1, 0)],
  'a JPEG file that only begins': ['damaged', () => Buffer.from('ffd8ffe000104a464946', 'hex')],
  'a JPEG file that says it is large': [
    'picture_too_large',
    () => Buffer.from(`ffd8ffc0001108ffffffff03${'01'.repeat(9)}ffda${'00'.repeat(20)}`, 'hex'),
  ],
  'a GIF file that enlarges': [
    'picture_too_large',
    () =>
      Buffer.concat([
        Buffer.from('GIF89a'),
        Buffer.from('ffffffff000000', 'hex'),
        Buffer.from('2c00000000ffffffff00', 'hex'),
      ]),
  ],
  'a WEBP file with nothing in it': ['damaged', () => Buffer.from('RIFF\0\0\0\0WEBPVP8X')],
  'a WAVE file that begins as WEBP does': [
    'kind_unknown',
    () => Buffer.from('RIFF\0\0\0\0WAVEfmt '),
  ],
  'an archive behind a picture': ['picture', () => Buffer.concat([greyPng(2, 2), docx('x')])],
  'a page of HTML behind a picture': [
    'picture',
    () => Buffer.concat([greyPng(2, 2), Buffer.from('<script>alert(1)</script>')]),
  ],
  'a picture that is a script as well': [
    'any',
    () => Buffer.from('GIF89a/*\0\0\0\0*/=1;alert(1)//,aaaaaaaaaaaaaaaaaaaa'),
  ],
  'a picture of text with a script': [
    'text',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  ],
  'HTML that is called a picture': ['text', () => Buffer.from('<html><script>x</script>')],
  'a compressed picture of text': ['kind_unknown', () => gzipSync('<svg/>')],
  'a program of Linux': ['kind_unknown', () => Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1')],
  'a program of Windows': ['kind_unknown', () => Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1')],
  'an old document of Word': ['kind_unknown', () => Buffer.from('d0cf11e0a1b11ae1000000', 'hex')],
  'a text that turns around': ['text', () => Buffer.from('abc \u202e cba')],
  'zero bytes in a text': ['kind_unknown', () => Buffer.from('a\0b')],
  'zero bytes far into a text': [
    'kind_unknown',
    () => Buffer.concat([Buffer.alloc(MEGABYTE, 'a'), Buffer.from([0])]),
  ],
  'half a character at the end': ['text', () => Buffer.from('ä').subarray(0, 1)],
  'a text in UTF-16 that is no text': ['kind_unknown', () => Buffer.from('fffe00000000', 'hex')],
  'a text in UTF-16 with half a pair': ['text', () => Buffer.from('fffe00d8', 'hex')],
  'only the mark of UTF-16': ['text', () => Buffer.from('fffe', 'hex')],
  'a text that is too long': ['too_much_text', () => Buffer.alloc(5 * MEGABYTE, 'a')],
  'a line of four megabytes': ['text', () => Buffer.alloc(4 * MEGABYTE, 'a')],
  'only a ZIP header': ['damaged', () => Buffer.from('PK\x03\x04')],
  'an archive with nothing in it': [
    'kind_unknown',
    () => Buffer.concat([Buffer.from('PK\x03\x04'), zip([])]),
  ],
};

const FILES: Files = { ...ARCHIVES, ...SHEETS, ...PDFS, ...OTHERS };

for (const [name, whole] of Object.entries({
  docx: docx('Dear all'),
  pdf: page(),
  png: png(4, 4),
})) {
  for (const part of [0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
    FILES[`${part * 100} % of a ${name} file`] = ['any', () => cut(whole, part)];
  }
  for (const at of [4, 30, 60]) {
    FILES[`a ${name} file with other bytes from ${at} on`] = [
      'any',
      () => Buffer.concat([whole.subarray(0, at), deflateSync(whole), whole.subarray(at)]),
    ];
  }
}

const OUTCOMES = Object.entries(FILES);

test('there are many of them', () => assert.ok(OUTCOMES.length >= 100, `${OUTCOMES.length}`));

test('none stalls, grows without bound or is read beyond its limits', async () => {
  const before = process.memoryUsage.rss();
  for (const [name, [expected, make]] of OUTCOMES) {
    const bytes = make();
    const began = process.threadCpuUsage();
    const read = readContent(bytes, reader).then(
      ({ kind }) => kind as Outcome,
      (error: unknown) => {
        assert.ok(error instanceof UnreadableDocument, `${name}: ${error}`);
        return error.fault;
      },
    );
    const { user, system } = process.threadCpuUsage(began);
    assert.ok(user + system < 50_000, `${name} holds the event loop for ${user + system} µs`);
    const outcome = await read;
    if (expected === 'any') {
      const known: readonly string[] = [...FILE_FAULTS, 'picture', 'text', 'document', 'pdf'];
      assert.ok(known.includes(outcome), name);
    } else assert.equal(outcome, expected, name);
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 900 * MEGABYTE, `memory has grown by ${grown} bytes`);
});

test('one that takes too long is given up, and the next one is read', async () => {
  const impatient = new DocumentReader(150);
  const long = pdf({
    pages: Array.from({ length: 1_900 }, (_, nth) => pdfLine(`${nth}`.repeat(400))),
  });
  await assert.rejects(impatient.read('pdf', long), { fault: 'too_slow' });
  const patient = new DocumentReader(LONG_ENOUGH);
  assert.equal((await patient.read('document', docx('next'))).text, 'next');
  impatient.stop();
  patient.stop();
});

test('names have no folders, no control characters and nothing that turns them around', () => {
  const names = {
    '../../etc/passwd': 'passwd',
    'C:\\Users\\me\\a.txt': 'a.txt',
    'a\u0000b\r\nc.txt': 'abc.txt',
    'invoice\u202efdp.exe': 'invoicefdp.exe',
    'zero\u200bwidth.txt': 'zerowidth.txt',
    '.htaccess': 'htaccess',
    '...': 'file',
    '': 'file',
    '  spaces \t in  it .txt ': 'spaces in it .txt',
    'lone\ud800.txt': 'lone.txt',
  };
  for (const [given, clean] of Object.entries(names)) assert.equal(fileName(given), clean);
  const long = fileName(`${'ä'.repeat(500)}.markdown`);
  assert.equal([...long].length, 200);
  assert.ok(long.endsWith('.markdown'));
});
