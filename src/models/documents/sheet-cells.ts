/** What the cells of a sheet show: Office Open XML stores dates as numbers. */
import type { SaxesTagPlain } from 'saxes';

/** Whether a number is shown as a date, a time of day, both or as it is. */
export type CellFormat = 'number' | 'date' | 'time' | 'date_time';

interface Cell {
  readonly type: string;
  readonly style: number;
  readonly value: string;
}

/** ECMA-376, part 1, 18.8.30: formats that every program has. */
const BUILT_IN: Readonly<Record<number, CellFormat>> = {
  14: 'date',
  15: 'date',
  16: 'date',
  17: 'date',
  18: 'time',
  19: 'time',
  20: 'time',
  21: 'time',
  22: 'date_time',
  45: 'time',
  46: 'time',
  47: 'time',
};
/** Days from 1899-12-30, by which later days are right although 1900 was no leap year. */
const EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const MOST_DAYS = 2_958_465;

/** The formats of cells by the number of their style. */
export function cellFormats(
  read: (handlers: {
    open: (tag: SaxesTagPlain) => void;
    close: (tag: SaxesTagPlain) => void;
  }) => void,
): CellFormat[] {
  const custom = new Map<number, CellFormat>();
  const formats: CellFormat[] = [];
  let isInCells = false;
  read({
    open: ({ name, attributes }) => {
      const id = Number(attributes.numFmtId ?? 0);
      if (name === 'numFmt') custom.set(id, formatOf(attributes.formatCode ?? ''));
      if (name === 'cellXfs') isInCells = true;
      if (name === 'xf' && isInCells) formats.push(custom.get(id) ?? BUILT_IN[id] ?? 'number');
    },
    close: ({ name }) => {
      if (name === 'cellXfs') isInCells = false;
    },
  });
  return formats;
}

function formatOf(code: string): CellFormat {
  const plain = code.slice(0, 200).replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');
  const isDate = /[yd]/i.test(plain);
  const isTime = /[hs]/i.test(plain);
  if (isDate && isTime) return 'date_time';
  if (isDate) return 'date';
  return isTime ? 'time' : 'number';
}

/** What a cell shows. */
export function cellText(
  { type, style, value }: Cell,
  known: { readonly shared: readonly string[]; readonly formats: readonly CellFormat[] },
): string {
  if (type === 's') return known.shared[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  const format = known.formats[style] ?? 'number';
  const days = Number(value);
  if (type !== 'n' || format === 'number' || value === '' || !(days >= 0 && days <= MOST_DAYS)) {
    return value;
  }
  const shown = new Date(EPOCH_MS + Math.round(days * DAY_MS)).toISOString();
  if (format === 'date') return shown.slice(0, 10);
  return format === 'time' ? shown.slice(11, 19) : `${shown.slice(0, 10)} ${shown.slice(11, 19)}`;
}
