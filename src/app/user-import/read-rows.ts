/** What a file of users says, row by row. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCredits } from '../../core/credits.ts';
import { type CsvRecord, readCsv } from '../../core/csv.ts';
import type { FieldFault } from '../../core/field-fault.ts';
import { isStorable } from '../../core/storable-text.ts';
import { faultOfUsername, usernameKey } from '../../core/usernames.ts';

/** What a column is about. */
export type ImportColumn = 'username' | 'password' | 'groups' | 'plan' | 'tokens';

export const IMPORT_FAULTS = [
  'not_csv',
  'no_rows',
  'too_many_rows',
  'no_username_column',
  'unknown_column',
  'column_twice',
  'missing',
  'not_storable',
  'too_long',
  'too_short',
  'common_password',
  'password_has_username',
  'password_has_site_name',
  'not_a_username',
  'named_twice',
  'name_taken',
  'not_tokens',
  'unknown_plan',
  'untouchable',
] as const;

/** Why a file cannot be imported as it is. */
export type ImportFaultCode = (typeof IMPORT_FAULTS)[number];

/** What is wrong, and where. */
export interface ImportFault<Code extends string = ImportFaultCode> {
  /** As a spreadsheet counts it. */
  readonly row: number;
  /** The heading of the column; undefined for the row or the file as a whole. */
  readonly column: string | undefined;
  readonly code: Code;
  /** What was found there; undefined for a password. */
  readonly value: string | undefined;
}

/** One user of a file. Cells that are empty are undefined. */
export interface ImportRow {
  readonly row: number;
  readonly username: string;
  readonly password: string | undefined;
  readonly groups: readonly string[];
  readonly plan: string | undefined;
  readonly tokens: number | undefined;
}

/** The headings of the columns as they are in the file. */
export type Headings = Partial<Record<ImportColumn, string>>;

export const MAX_IMPORT_ROWS = 2_000;
export const MAX_USERNAME = 50;
export const MAX_NAME = 100;
const SHOWN_VALUE = 60;
const ROWS_A_TURN = 100;

/** The headings that are understood, in the languages of the panel. */
const HEADINGS: Readonly<Record<ImportColumn, readonly string[]>> = {
  username: ['username', 'user', 'user name', 'login', 'name', 'benutzername', 'benutzer', 'konto'],
  password: ['password', 'passwort', 'kennwort'],
  groups: ['groups', 'group', 'classes', 'class', 'gruppen', 'gruppe', 'klassen', 'klasse'],
  plan: ['plan', 'tarif'],
  tokens: ['tokens', 'token', 'credits', 'balance', 'guthaben'],
};

/** `1000`, or groups of three digits with the same mark. */
const TOKENS = /^(\d+|\d{1,3}([.,'’ \u00a0\u202f])\d{3}(\2\d{3})*)$/;

/** What is wrong with the password of a row. */
type PasswordCheck = (password: string, username: string) => FieldFault | undefined;

/** Reads a file of users; what is wrong with it that does not depend on what there is already. */
export async function readImportRows(
  text: string,
  faultOfPassword: PasswordCheck,
): Promise<{
  readonly rows: readonly ImportRow[];
  readonly faults: readonly ImportFault[];
  readonly headings: Headings;
}> {
  const { records, faultyRow } = readCsv(text);
  const [head, ...rest] = records.filter(({ cells }) => cells.some((it) => it.trim() !== ''));
  const faults: ImportFault[] = [];
  const ofFile = (row: number, code: ImportFaultCode) =>
    faults.push({ row, column: undefined, code, value: undefined });
  if (faultyRow !== undefined) ofFile(faultyRow, 'not_csv');
  const columns = columnsIn(head ?? { row: 1, cells: [] }, HEADINGS, (it) => faults.push(it));
  if (head && !columns.includes('username')) ofFile(head.row, 'no_username_column');
  if (rest.length === 0 && faults.length === 0) ofFile(head?.row ?? 1, 'no_rows');
  if (rest.length > MAX_IMPORT_ROWS) ofFile(rest[MAX_IMPORT_ROWS]?.row ?? 1, 'too_many_rows');
  const headings: Headings = Object.fromEntries(
    columns.flatMap((it, index) => (it ? [[it, head?.cells[index]?.trim() ?? '']] : [])),
  );
  if (faults.length > 0) return { rows: [], faults, headings };
  const reader = new RowReader(columns, headings, faultOfPassword);
  const rows = await inTurns(rest, (it) => reader.read(it));
  return { rows, faults: reader.faults, headings };
}

/** Maps many rows, some at a time, so that other requests have their turn. */
export async function inTurns<From, To>(
  all: readonly From[],
  map: (it: From) => To,
): Promise<To[]> {
  const mapped: To[] = [];
  for (const it of all) {
    if (mapped.length % ROWS_A_TURN === ROWS_A_TURN - 1) await nextTurn();
    mapped.push(map(it));
  }
  return mapped;
}

/** Which column of a file is about what, by its line of headings. */
export function columnsIn<Column extends string>(
  head: CsvRecord,
  headings: Readonly<Record<Column, readonly string[]>>,
  onFault: (fault: ImportFault<'unknown_column' | 'column_twice'>) => void,
): (Column | undefined)[] {
  const seen = new Set<Column>();
  return head.cells.map((cell) => {
    const name = cell.trim();
    // A spreadsheet writes empty columns too.
    if (name === '') return undefined;
    const column = (Object.keys(headings) as Column[]).find((it) =>
      headings[it].includes(name.toLowerCase()),
    );
    const fault = { row: head.row, column: shortened(name), value: undefined };
    if (!column) onFault({ ...fault, code: 'unknown_column' });
    else if (seen.has(column)) onFault({ ...fault, code: 'column_twice' });
    else seen.add(column);
    return column;
  });
}

class RowReader {
  readonly faults: ImportFault[] = [];
  readonly #columns: readonly (ImportColumn | undefined)[];
  readonly #headings: Headings;
  readonly #passwordCheck: PasswordCheck;
  readonly #names = new Set<string>();

  constructor(
    columns: readonly (ImportColumn | undefined)[],
    headings: Headings,
    passwordCheck: PasswordCheck,
  ) {
    this.#columns = columns;
    this.#headings = headings;
    this.#passwordCheck = passwordCheck;
  }

  read({ row, cells }: CsvRecord): ImportRow {
    const cellOf = (column: ImportColumn) => cells[this.#columns.indexOf(column)] ?? '';
    const fault = (column: ImportColumn, code: ImportFaultCode, value: string | undefined) =>
      this.faults.push({
        row,
        column: this.#headings[column],
        code,
        value: value === undefined ? undefined : shortened(value),
      });
    const username = cellOf('username').trim();
    const nameFault = this.#faultOfName(username);
    if (nameFault) fault('username', nameFault, username);
    this.#names.add(usernameKey(username));
    // Taken as typed, as everywhere.
    const password = cellOf('password') === '' ? undefined : cellOf('password');
    const passwordFault =
      password === undefined ? undefined : this.#faultOfPassword(password, username);
    if (passwordFault) fault('password', passwordFault, undefined);
    const groups = namesIn(cellOf('groups'));
    for (const name of groups) {
      const groupFault = faultOfText(name, MAX_NAME);
      if (groupFault) fault('groups', groupFault, name);
    }
    const plan = cellOf('plan').trim() || undefined;
    const planFault = plan === undefined ? undefined : faultOfText(plan, MAX_NAME);
    if (planFault) fault('plan', planFault, plan);
    const amount = cellOf('tokens').trim();
    const tokens = tokensIn(amount);
    if (tokens === 'fault') fault('tokens', 'not_tokens', amount);
    return { row, username, password, groups, plan, tokens: tokens === 'fault' ? 0 : tokens };
  }

  #faultOfName(username: string): ImportFaultCode | undefined {
    if (username === '') return 'missing';
    if (this.#names.has(usernameKey(username))) return 'named_twice';
    return faultOfText(username, MAX_USERNAME);
  }

  #faultOfPassword(password: string, username: string): ImportFaultCode | undefined {
    if (password.trim() === '') return 'too_short';
    if (!isStorable(password)) return 'not_storable';
    const fault = this.#passwordCheck(password, username);
    if (fault?.code === 'too_many_bytes') return 'too_long';
    return IMPORT_FAULTS.find((it) => it === fault?.code);
  }
}

/** Whether a new account may have this name; of accounts that exist, all names are right. */
export function isNewUsername(username: string): boolean {
  return faultOfUsername(username) === undefined;
}

/** A whole number of tokens as people write it; undefined for an empty cell. */
export function tokensIn(cell: string): number | undefined | 'fault' {
  if (cell === '') return undefined;
  const tokens = Number(cell.replace(/\D/g, ''));
  return TOKENS.test(cell) && isCredits(tokens) ? tokens : 'fault';
}

/** Several groups are separated by semicolons or bars; each is named once. */
export function namesIn(cell: string): string[] {
  const names = cell.split(/[;|\n]/).map((it) => it.trim());
  return [...new Set(names.filter((it) => it !== ''))];
}

/** Why a text cannot be stored; undefined if it can. */
export function faultOfText(text: string, most: number): 'too_long' | 'not_storable' | undefined {
  if ([...text].length > most) return 'too_long';
  return isStorable(text) ? undefined : 'not_storable';
}

/** A value as it is told. */
export function shortened(text: string): string {
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE)}…` : text;
}
