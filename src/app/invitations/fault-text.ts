import { MAX_IMPORT_ROWS, MAX_NAME, MAX_USERNAME } from '../user-import/read-rows.ts';
import type { InvitationFault, InvitationFaultCode } from './read-people.ts';

const COLUMNS = 'name (or first name and last name), username, email, groups, plan and tokens';

const TEXTS: Readonly<Record<InvitationFaultCode, string>> = {
  not_csv:
    'This is not CSV: a quotation mark is missing, or is in the middle of a cell. Quote the ' +
    'whole cell, and double the marks in it.',
  workbook:
    'This is a workbook, not CSV. In the spreadsheet, choose "Save as" and the type "CSV UTF-8".',
  no_rows: 'There is no row with a person. Add one below the headings.',
  too_many_rows: `A file can have at most ${MAX_IMPORT_ROWS} rows. Split it up.`,
  no_person_column:
    'There is no column that says who. The first row must have headings, one of them "name", ' +
    '"username" or "email".',
  unknown_column: `No such column is known. Delete it, or name it as one of these: ${COLUMNS}.`,
  column_twice: 'Another column says the same. Delete one of them.',
  cell_without_column:
    'There is text here under no heading. Quote cells that have a comma or semicolon in them, or ' +
    'give the column a heading.',
  nobody: 'Nothing here says who: give a name, a username or an e-mail address.',
  not_storable: 'The cell has a character that cannot be stored. Type it anew.',
  too_long:
    `The cell is too long: names can have ${MAX_NAME} characters, usernames ${MAX_USERNAME}. ` +
    'Shorten it.',
  not_a_username:
    'No account can have this name. Use letters of one script, digits, dots and dashes, no ' +
    'colon, and not "system".',
  named_twice: 'This name, or one that is too similar, is in a row above. Change one of them.',
  name_taken:
    'There is an account or an invitation with a name that is too similar. Choose another one.',
  not_an_email: 'This is not an e-mail address. Correct it, or leave the cell empty.',
  email_twice: 'This address is in a row above. Delete one of the rows, or one of the addresses.',
  not_tokens: 'This is not a whole number of tokens. Write digits only, such as 500.',
  unknown_plan:
    'There is no plan of this name. Correct it, make the plan first, or leave the cell empty.',
};

/** What is wrong in a list of people, in a sentence, and what to change. */
export function invitationFaultText({
  code,
  earlierRow,
}: Pick<InvitationFault, 'code' | 'earlierRow'>): string {
  const text = TEXTS[code];
  return earlierRow === undefined ? text : text.replace('a row above', `row ${earlierRow}`);
}
