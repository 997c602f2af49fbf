/**
 * The text of office documents: Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300). Only
 * the parts with text are inflated, and XML is read as a stream without a document type.
 */
import { unzipSync } from 'fflate';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import {
  BoundedText,
  type DocumentLimits,
  type DocumentText,
  UnreadableDocument,
} from './document-limits.ts';
import { type CellFormat, cellFormats, cellText } from './sheet-cells.ts';

const OOXML = 'application/vnd.openxmlformats-officedocument.';
const WORD = `${OOXML}wordprocessingml.document`;
const SHEET = `${OOXML}spreadsheetml.sheet`;
const SLIDES = `${OOXML}presentationml.presentation`;
const ODF = /^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)$/;

/** The parts of an archive that may have text, by their names. */
const WANTED: readonly RegExp[] = [
  /^(mimetype|content\.xml)$/,
  /^word\/(document|footnotes|endnotes)\.xml$/,
  /^xl\/(workbook|sharedStrings|styles)\.xml$/,
  /^xl\/_rels\/workbook\.xml\.rels$/,
  /^xl\/worksheets\/[^/]+\.xml$/,
  /^ppt\/(slides|notesSlides)\/[^/]+\.xml$/,
];
const MAX_ENTRIES = 20_000;
/** XML is read in pieces, so that a limit is noticed early. */
const PIECE_CHARACTERS = 65_536;
/** Empty cells between two others; a sheet may have its last one anywhere. */
const MAX_GAP = 50;
const MAX_SPACES = 100;

type Parts = Readonly<Record<string, Uint8Array>>;

/** @throws UnreadableDocument */
export function officeText(file: Uint8Array, limits: DocumentLimits): DocumentText {
  const parts = unzipped(file, limits.inflatedBytes);
  const text = new BoundedText(limits.textBytes);
  const mimetype = textOf(parts.mimetype).trim();
  if (ODF.test(mimetype)) {
    readOpenDocument(required(parts, 'content.xml'), text);
    return { mediaType: mimetype, text: text.toString() };
  }
  if (parts['word/document.xml']) {
    for (const name of ['document', 'footnotes', 'endnotes']) {
      readParagraphs(parts[`word/${name}.xml`], WORD_TAGS, text);
    }
    return { mediaType: WORD, text: text.toString() };
  }
  if (parts['xl/workbook.xml']) {
    readWorkbook(parts, text);
    return { mediaType: SHEET, text: text.toString() };
  }
  const slides = numbered(parts, /^ppt\/slides\/slide(\d+)\.xml$/);
  if (slides.length === 0) throw new UnreadableDocument('kind_unknown');
  for (const [number, slide] of slides) {
    text.add(`\n# ${number}\n\n`);
    readParagraphs(slide, SLIDE_TAGS, text);
    readParagraphs(parts[`ppt/notesSlides/notesSlide${number}.xml`], SLIDE_TAGS, text);
  }
  return { mediaType: SLIDES, text: text.toString() };
}

/** Declared sizes are what memory is given for, so a part that is longer is cut or refused. */
function unzipped(file: Uint8Array, mostBytes: number): Parts {
  let bytes = 0;
  let entries = 0;
  try {
    return unzipSync(file, {
      filter: ({ name, originalSize }) => {
        entries += 1;
        if (entries > MAX_ENTRIES) throw new UnreadableDocument('too_much_inside');
        if (!WANTED.some((pattern) => pattern.test(name))) return false;
        bytes += originalSize;
        if (bytes > mostBytes) throw new UnreadableDocument('too_much_inside');
        return true;
      },
    });
  } catch (error) {
    if (error instanceof UnreadableDocument) throw error;
    throw new UnreadableDocument('damaged');
  }
}

function required(parts: Parts, name: string): Uint8Array {
  const part = parts[name];
  if (!part) throw new UnreadableDocument('damaged');
  return part;
}

function textOf(part: Uint8Array | undefined): string {
  return part ? new TextDecoder().decode(part) : '';
}

function numbered(parts: Parts, pattern: RegExp): [number, Uint8Array][] {
  return Object.entries(parts)
    .flatMap(([name, part]): [number, Uint8Array][] => {
      const number = pattern.exec(name)?.[1];
      return number === undefined ? [] : [[Number(number), part]];
    })
    .toSorted(([a], [b]) => a - b);
}

interface Handlers {
  readonly open?: (tag: SaxesTagPlain) => void;
  readonly close?: (tag: SaxesTagPlain) => void;
  readonly text?: (text: string) => void;
}

/** @throws UnreadableDocument, also for a document type, since it can define entities */
function readXml(part: Uint8Array | undefined, { open, close, text }: Handlers): void {
  if (!part) return;
  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw new UnreadableDocument('damaged');
  });
  parser.on('error', () => {
    throw new UnreadableDocument('damaged');
  });
  if (open) parser.on('opentag', open);
  if (close) parser.on('closetag', close);
  if (text) parser.on('text', text);
  if (text) parser.on('cdata', text);
  const xml = textOf(part);
  for (let at = 0; at < xml.length; at += PIECE_CHARACTERS) {
    parser.write(xml.slice(at, at + PIECE_CHARACTERS));
  }
  parser.close();
}

/** What tags of a format mean. */
interface TextTags {
  readonly text: ReadonlySet<string>;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

const WORD_TAGS: TextTags = {
  text: new Set(['w:t']),
  before: { 'w:tab': '\t', 'w:br': '\n', 'w:cr': '\n', 'w:noBreakHyphen': '-' },
  after: { 'w:p': '\n', 'w:tc': '\t', 'w:tr': '\n' },
};
const SLIDE_TAGS: TextTags = {
  text: new Set(['a:t']),
  before: { 'a:br': '\n', 'a:tab': '\t' },
  after: { 'a:p': '\n', 'a:tc': '\t', 'a:tr': '\n' },
};

function readParagraphs(part: Uint8Array | undefined, tags: TextTags, text: BoundedText): void {
  let depth = 0;
  readXml(part, {
    open: ({ name }) => {
      if (tags.text.has(name)) depth += 1;
      text.add(tags.before[name] ?? '');
    },
    close: ({ name }) => {
      if (tags.text.has(name)) depth -= 1;
      text.add(tags.after[name] ?? '');
    },
    text: (words) => {
      if (depth > 0) text.add(words);
    },
  });
}

function attribute({ attributes }: SaxesTagPlain, name: string): string | undefined {
  return attributes[name];
}

/** ECMA-376, part 1, 18: sheets in the order of the workbook, as lines with tabs. */
function readWorkbook(parts: Parts, text: BoundedText): void {
  const targets = new Map<string, string>();
  readXml(parts['xl/_rels/workbook.xml.rels'], {
    open: (tag) => {
      const target = attribute(tag, 'Target')?.replace(/^(\/?xl)?\/?/, '');
      targets.set(attribute(tag, 'Id') ?? '', `xl/${target}`);
    },
  });
  const sheets: { name: string; part: Uint8Array | undefined }[] = [];
  readXml(parts['xl/workbook.xml'], {
    open: (tag) => {
      if (tag.name !== 'sheet') return;
      const part = parts[targets.get(attribute(tag, 'r:id') ?? '') ?? ''];
      sheets.push({ name: attribute(tag, 'name') ?? '', part });
    },
  });
  const shared = sharedStrings(parts['xl/sharedStrings.xml']);
  const formats = cellFormats((handlers) => readXml(parts['xl/styles.xml'], handlers));
  for (const { name, part } of sheets) {
    text.add(`\n# ${name}\n\n`);
    readSheet(part, { shared, formats }, text);
  }
}

function sharedStrings(part: Uint8Array | undefined): string[] {
  const strings: string[] = [];
  let current = '';
  let isText = false;
  let isReading = 0;
  readXml(part, {
    open: ({ name }) => {
      if (name === 'si') current = '';
      if (name === 'rPh') isReading += 1;
      isText = name === 't';
    },
    close: ({ name }) => {
      if (name === 'si') strings.push(current);
      if (name === 'rPh') isReading -= 1;
      isText = false;
    },
    // How a word is read aloud is no part of it.
    text: (words) => {
      if (isText && isReading === 0) current += words;
    },
  });
  return strings;
}

function readSheet(
  part: Uint8Array | undefined,
  known: { readonly shared: readonly string[]; readonly formats: readonly CellFormat[] },
  text: BoundedText,
): void {
  let column = 0;
  let cell: { type: string; style: number; column: number; value: string } | undefined;
  let isValue = false;
  readXml(part, {
    open: (tag) => {
      if (tag.name === 'row') column = 0;
      if (tag.name === 'c') {
        const at = columnOf(attribute(tag, 'r')) ?? column;
        const style = Number(attribute(tag, 's') ?? 0);
        cell = { type: attribute(tag, 't') ?? 'n', style, column: at, value: '' };
      }
      isValue = tag.name === 'v' || tag.name === 't';
    },
    close: ({ name }) => {
      isValue = false;
      if (name === 'row') text.add('\n');
      if (name !== 'c' || !cell) return;
      text.add('\t'.repeat(Math.max(0, Math.min(MAX_GAP, cell.column - column))));
      column = Math.max(column, cell.column);
      text.add(cellText(cell, known).replaceAll(/[\t\n]+/g, ' '));
      cell = undefined;
    },
    text: (words) => {
      if (cell && isValue) cell.value += words;
    },
  });
}

/** The index of a column, from 0, by the name of a cell such as `AB12`. */
function columnOf(cell: string | undefined): number | undefined {
  const letters = /^([A-Z]{1,3})\d/.exec(cell ?? '')?.[1];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

const ODF_TEXT: ReadonlySet<string> = new Set(['text:p', 'text:h']);
const ODF_HIDDEN: ReadonlySet<string> = new Set(['text:tracked-changes', 'office:annotation']);

/** ISO/IEC 26300-3: text, sheets and slides are all in one part. */
function readOpenDocument(part: Uint8Array, text: BoundedText): void {
  let depth = 0;
  let hidden = 0;
  let cells = 0;
  const add = (words: string) => {
    if (hidden === 0) text.add(words);
  };
  readXml(part, {
    open: (tag) => {
      const { name } = tag;
      if (ODF_HIDDEN.has(name)) hidden += 1;
      if (ODF_TEXT.has(name)) depth += 1;
      if (name === 'text:tab') add('\t');
      if (name === 'text:line-break') add('\n');
      if (name === 'text:s') add(' '.repeat(times(tag, 'text:c', MAX_SPACES)));
      if (name === 'table:table') add(`\n# ${attribute(tag, 'table:name') ?? ''}\n\n`);
      if (name === 'draw:page') add(`\n# ${attribute(tag, 'draw:name') ?? ''}\n\n`);
      if (name === 'table:table-cell' || name === 'table:covered-table-cell') {
        cells += 1;
        add('\t'.repeat(times(tag, 'table:number-columns-repeated', MAX_GAP) - 1));
      }
    },
    close: ({ name }) => {
      if (ODF_TEXT.has(name)) {
        depth -= 1;
        add(cells > 0 ? ' ' : '\n');
      }
      if (name === 'table:table-cell' || name === 'table:covered-table-cell') {
        cells -= 1;
        add('\t');
      }
      if (name === 'table:table-row') add('\n');
      if (ODF_HIDDEN.has(name)) hidden -= 1;
    },
    text: (words) => {
      if (depth > 0) add(words);
    },
  });
}

function times(tag: SaxesTagPlain, name: string, most: number): number {
  const count = Number(attribute(tag, name) ?? 1);
  return Number.isInteger(count) && count > 0 ? Math.min(most, count) : 1;
}
