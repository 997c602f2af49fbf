/** Who shall be invited: what a CSV file says, row by row, or a list. */
import { type CsvRecord, readCsv } from '../../core/csv.ts';
import { isMailAddress } from '../../core/mail.ts';
import { usernameKey } from '../../core/usernames.ts';
import { emailKey } from '../../store/accounts/emails.ts';
import {
  columnsIn,
  faultOfText,
  type ImportFault,
  inTurns,
  isNewUsername,
  MAX_IMPORT_ROWS,
  MAX_NAME,
  MAX_USERNAME,
  namesIn,
  shortened,
  tokensIn,
} from '../user-import/read-rows.ts';

export const INVITATION_FAULTS = [
  'not_csv',
  'workbook',
  'no_rows',
  'too_many_rows',
  'no_person_column',
  'unknown_column',
  'column_twice',
  'cell_without_column',
  'nobody',
  'not_storable',
  'too_long',
  'not_a_username',
  'named_twice',
  'name_taken',
  'not_an_email',
  'email_twice',
  'not_tokens',
  'unknown_plan',
] as const;

/** Why nobody of a file can be invited as it is. */
export type InvitationFaultCode = (typeof INVITATION_FAULTS)[number];

export type InvitationFault = ImportFault<InvitationFaultCode> & {
  /** The row above that says the same. */
  readonly earlierRow?: number | undefined;
};

/** Somebody who shall be invited. */
export interface Person {
  /** Whom the invitation is for, as it is printed. */
  readonly name: string | undefined;
  /** The name of the account; undefined if the person shall choose one. */
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly plan: string | undefined;
  /** The opening balance; undefined for that of every new account. */
  readonly tokens: number | undefined;
}

/** Somebody, and the row of the file; of a list, the position from 1. */
export type PersonRow = Person & { readonly row: number };

type PersonColumn =
  | 'name'
  | 'firstName'
  | 'lastName'
  | 'username'
  | 'email'
  | 'groups'
  | 'plan'
  | 'tokens';

/** The headings of the columns as they are in the file. */
export type PersonHeadings = Partial<Record<PersonColumn, string>>;

/** The headings that are understood, in the languages of the panel. */
const HEADINGS: Readonly<Record<PersonColumn, readonly string[]>> = {
  name: ['name', 'full name', 'person', 'vollständiger name', 'schüler', 'schülerin'],
  firstName: ['first name', 'firstname', 'given name', 'vorname', 'rufname'],
  lastName: ['last name', 'lastname', 'surname', 'family name', 'nachname', 'familienname'],
  username: ['username', 'user', 'user name', 'login', 'benutzername', 'benutzer', 'konto'],
  email: ['email', 'e-mail', 'mail', 'e-mail address', 'email address', 'e-mail-adresse'],
  groups: ['groups', 'group', 'classes', 'class', 'gruppen', 'gruppe', 'klassen', 'klasse'],
  plan: ['plan', 'tarif'],
  tokens: ['tokens', 'token', 'credits', 'balance', 'guthaben'],
};
/** Each of them says who somebody is. */
const TELLING: readonly PersonColumn[] = ['name', 'firstName', 'lastName', 'username', 'email'];
const IN_LISTS: PersonHeadings = {
  name: 'name',
  username: 'username',
  email: 'email',
  groups: 'groups',
  plan: 'plan',
  tokens: 'tokens',
};

/** How a workbook of Excel or LibreOffice begins, which is a ZIP file. */
const WORKBOOK = 'PK\u0003\u0004';

/** What is read, and what is wrong with it that does not depend on what there is already. */
export interface ReadPeople {
  readonly rows: readonly PersonRow[];
  readonly faults: readonly InvitationFault[];
  readonly headings: PersonHeadings;
}

/** Reads a CSV file of people. */
export async function readPeople(text: string): Promise<ReadPeople> {
  if (text.startsWith(WORKBOOK)) {
    const fault = { row: 1, column: undefined, code: 'workbook', value: undefined } as const;
    return { rows: [], faults: [fault], headings: {} };
  }
  const { records, faultyRow } = readCsv(text);
  const [head, ...rest] = records.filter(({ cells }) => cells.some((it) => it.trim() !== ''));
  const faults: InvitationFault[] = [];
  const ofFile = (row: number, code: InvitationFaultCode) =>
    faults.push({ row, column: undefined, code, value: undefined });
  if (faultyRow !== undefined) ofFile(faultyRow, 'not_csv');
  const columns = columnsIn(head ?? { row: 1, cells: [] }, HEADINGS, (it) => faults.push(it));
  const tellsWho = columns.some((it) => it !== undefined && TELLING.includes(it));
  // Where no heading is known, the row has a person: then it is no use to name each cell.
  if (columns.every((it) => it === undefined)) faults.length = faultyRow === undefined ? 0 : 1;
  if (head && !tellsWho) ofFile(head.row, 'no_person_column');
  if (rest.length === 0 && faults.length === 0) ofFile(head?.row ?? 1, 'no_rows');
  if (rest.length > MAX_IMPORT_ROWS) ofFile(rest[MAX_IMPORT_ROWS]?.row ?? 1, 'too_many_rows');
  const headings: PersonHeadings = Object.fromEntries(
    columns.flatMap((it, index) => (it ? [[it, head?.cells[index]?.trim() ?? '']] : [])),
  );
  if (faults.length > 0) return { rows: [], faults, headings };
  const checker = new PersonChecker(headings);
  const rows = await inTurns(rest, (it) => checker.check(checker.read(it, columns)));
  return { rows, faults: checker.faults, headings };
}

/** The same of people who are listed. */
export async function checkPeople(people: readonly Person[]): Promise<ReadPeople> {
  const checker = new PersonChecker(IN_LISTS);
  const listed = people.map((it, index) => ({ ...it, row: index + 1 }));
  const rows = await inTurns(listed, (it) => checker.check(it));
  return { rows, faults: checker.faults, headings: IN_LISTS };
}

class PersonChecker {
  readonly faults: InvitationFault[] = [];
  readonly #headings: PersonHeadings;
  /** The first rows with these names and addresses. */
  readonly #usernames = new Map<string, number>();
  readonly #emails = new Map<string, number>();

  constructor(headings: PersonHeadings) {
    this.#headings = headings;
  }

  read({ row, cells }: CsvRecord, columns: readonly (PersonColumn | undefined)[]): PersonRow {
    const cellOf = (column: PersonColumn) => (cells[columns.indexOf(column)] ?? '').trim();
    const stray = cells.find((it, index) => it.trim() !== '' && columns[index] === undefined);
    if (stray !== undefined) {
      const fault = { row, column: undefined, value: shortened(stray) } as const;
      this.faults.push({ ...fault, code: 'cell_without_column' });
    }
    const tokens = tokensIn(cellOf('tokens'));
    if (tokens === 'fault') this.#fault(row, 'tokens', 'not_tokens', cellOf('tokens'));
    return {
      row,
      name: nameIn(cellOf, columns.includes('lastName')) || undefined,
      username: cellOf('username') || undefined,
      email: cellOf('email') || undefined,
      groups: namesIn(cellOf('groups')),
      plan: cellOf('plan') || undefined,
      tokens: tokens === 'fault' ? undefined : tokens,
    };
  }

  /** @returns the same */
  check(person: PersonRow): PersonRow {
    const { row, name, username, email, groups, plan } = person;
    if (name === undefined && username === undefined && email === undefined) {
      this.faults.push({ row, column: undefined, code: 'nobody', value: undefined });
    }
    this.#checkText(row, 'name', name);
    for (const group of groups) this.#checkText(row, 'groups', group);
    this.#checkText(row, 'plan', plan);
    if (username !== undefined) this.#checkUsername(row, username);
    if (email !== undefined) this.#checkEmail(row, email);
    return person;
  }

  #checkText(row: number, column: PersonColumn, text: string | undefined): void {
    const code = text === undefined ? undefined : faultOfText(text, MAX_NAME);
    if (code) this.#fault(row, column, code, text);
  }

  #checkUsername(row: number, username: string): void {
    const code = faultOfText(username, MAX_USERNAME);
    const key = usernameKey(username);
    const earlier = this.#usernames.get(key);
    if (code) this.#fault(row, 'username', code, username);
    else if (earlier) this.#fault(row, 'username', 'named_twice', username, earlier);
    else if (!isNewUsername(username)) this.#fault(row, 'username', 'not_a_username', username);
    if (!earlier) this.#usernames.set(key, row);
  }

  #checkEmail(row: number, email: string): void {
    const key = emailKey(email);
    const earlier = this.#emails.get(key);
    if (!isMailAddress(email)) this.#fault(row, 'email', 'not_an_email', email);
    else if (earlier) this.#fault(row, 'email', 'email_twice', email, earlier);
    if (!earlier) this.#emails.set(key, row);
  }

  #fault(
    row: number,
    column: PersonColumn,
    code: InvitationFaultCode,
    value: string | undefined,
    earlierRow?: number,
  ): void {
    this.faults.push({
      row,
      column: this.#headings[column],
      code,
      value: value === undefined ? undefined : shortened(value),
      earlierRow,
    });
  }
}

/** A name in one cell or in two; beside a first name, German lists call the last name "Name". */
function nameIn(cellOf: (column: PersonColumn) => string, hasLastName: boolean): string {
  const [name, first, last] = [cellOf('name'), cellOf('firstName'), cellOf('lastName')];
  if (hasLastName) return name || `${first} ${last}`.trim();
  return `${first} ${name}`.trim();
}
