import { MAX_IMPORT_ROWS } from '../user-import/read-rows.ts';
import type { InvitationFault, InvitationFaultCode } from './read-people.ts';

const TEXTS: Readonly<Record<InvitationFaultCode, string>> = {
  not_csv: 'This is not CSV: a quotation mark is missing, or is in the middle of a cell.',
  no_rows: 'There is no row with a person.',
  too_many_rows: `A file can have at most ${MAX_IMPORT_ROWS} rows. Split it up.`,
  no_person_column: 'There is no column that says who: "name", "username" or "email".',
  unknown_column:
    'No such column is known. There can be: name, username, email, groups, plan and tokens.',
  column_twice: 'Another column says the same.',
  nobody: 'Nothing here says who: give a name, a username or an e-mail address.',
  not_storable: 'The cell has a character that cannot be stored.',
  too_long: 'The cell is too long.',
  not_a_username: 'No account can have this name.',
  named_twice: 'This name, or one that is too similar, is in a row above.',
  name_taken: 'There is an account or an invitation with a name that is too similar.',
  not_an_email: 'This is not an e-mail address.',
  email_twice: 'This address is in a row above.',
  not_tokens: 'This is not a whole number of tokens.',
  unknown_plan: 'There is no plan of this name.',
};

/** What is wrong in a list of people, in a sentence. */
export function invitationFaultText({ code }: Pick<InvitationFault, 'code'>): string {
  return TEXTS[code];
}
