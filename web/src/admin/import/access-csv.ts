/** The links and passwords of an import, as a file for whoever hands them out. */
import type { ImportedUser } from '../types.ts';

/** What a spreadsheet would run as a formula; as `FORMULA` of the server's `core/csv.ts`. */
const FORMULA = /^(\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/**
 * A CSV file (RFC 4180) of those who have a link or a password.
 * @param site its address, in front of links
 */
export function accessCsv(users: readonly ImportedUser[], site: string): string {
  const lines = users
    .filter(({ link, password }) => link !== null || password !== null)
    .map(({ username, joins, password, link }) => [
      username,
      joins.join('; '),
      password ?? '',
      link ? `${site}${link.path}` : '',
      link?.expires_at ?? '',
    ]);
  return csvText([['username', 'groups', 'password', 'link', 'link_expires_at'], ...lines]);
}

/** A CSV file (RFC 4180). */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

/** Saves a CSV file, with a mark by which spreadsheets know that it is UTF-8. */
export function saveCsv(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`\ufeff${text}`], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function cellOf(cell: string): string {
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The text of a file: UTF-8, or as spreadsheets write it, UTF-16 or Windows-1252. */
export async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  const [first = 0, second = 0] = new Uint8Array(bytes.slice(0, 2));
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
