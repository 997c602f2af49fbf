import { type ImportFault, type ImportFaultCode, MAX_IMPORT_ROWS } from './read-rows.ts';

const TEXTS: Readonly<Record<ImportFaultCode, string>> = {
  not_csv: 'This is not CSV: a quotation mark is missing, or is in the middle of a cell.',
  no_rows: 'There is no row with a user.',
  too_many_rows: `A file can have at most ${MAX_IMPORT_ROWS} rows. Split it up.`,
  no_username_column: 'There is no column "username".',
  unknown_column:
    'No such column is known. There can be: username, password, groups, plan and tokens.',
  column_twice: 'Another column says the same.',
  missing: 'The cell is empty.',
  not_storable: 'The cell has a character that cannot be stored.',
  too_long: 'The cell is too long.',
  too_short: 'The password is too short.',
  common_password: 'The password is among the most common ones.',
  password_has_username: 'The password contains the username.',
  password_has_site_name: 'The password is little more than the name of this site.',
  not_a_username: 'No account can have this name.',
  named_twice: 'This name, or one that is too similar, is in a row above.',
  name_taken: 'There is an account with a name that is too similar.',
  not_tokens: 'This is not a whole number of tokens.',
  unknown_plan: 'There is no plan of this name.',
  untouchable: 'Only a superuser can change the account of a superuser.',
};

/** What is wrong in a file of users, in a sentence. */
export function importFaultText({ code }: Pick<ImportFault, 'code'>): string {
  return TEXTS[code];
}
