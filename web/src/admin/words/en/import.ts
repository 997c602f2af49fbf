import type { ImportFaultCode } from '../../types.ts';
import { counted, number } from './plurals.ts';

/** Texts about importing users from a file. */
export const enImport = {
  importUsers: 'Import users',
  importText:
    'A CSV file with a line of headings: username; and, if you like, password, groups (several ' +
    'separated by semicolons), plan and tokens (the opening balance; without this column, that ' +
    'of every new account). You see first what it would do. Groups that don’t exist yet are ' +
    'created; people who have an account only get what they lack.',
  importFile: 'CSV file',
  importContent: 'Or paste its content',
  importExample: 'username,groups,plan\nada,Class 7a,Pupils\ngrace,Class 7b,Pupils',
  importAccess: 'Access',
  importByLink: 'A link to choose a password',
  importByPassword: 'A generated password',
  importPools: 'New groups get a pool, which is empty at first',
  importRenew: 'Also for people in the file who have an account, but were never here',
  importCheck: 'Check the file',
  importWould: 'The file has no errors. This is what it will do:',
  importNothing: 'Everyone in the file already has all of this. There is nothing to do.',
  importFaultCount: (count: number) =>
    `${counted(count, 'error')}. Nothing can be imported until the file is corrected.`,
  importFaults: 'Errors',
  importRow: 'Row',
  importColumn: 'Column',
  importFault: 'Error',
  importRun: 'Import',
  importRunning: 'Importing…',
  importBack: 'Back to the file',
  importLost:
    'The server did not answer, so it is not known how far it got. Go back and check the file ' +
    'again: only what is missing is done.',
  importDone: (users: number) => `Done: ${counted(users, 'user')}.`,
  importStopped: (row: number, users: number, why: string) =>
    `It stopped at row ${number(row)}, after ${counted(users, 'user')}: ${why} Check the file ` +
    'again for the rest.',
  importOnce: 'The links and passwords won’t be shown again. Download them before you leave.',
  importDownload: 'Download links and passwords',
  importAnother: 'Import another file',
  importGroups: 'Joins',
  importTokens: 'Opening balance',
  importExists: 'has an account',
  importNewGroups: (names: string) => `New groups: ${names}`,
  importCounts: {
    new_users: 'New users',
    existing_users: 'Have an account',
    unchanged_users: 'of these unchanged',
    new_groups: 'New groups',
    new_pools: 'of these with a pool',
    joins: 'Group members added',
    plans_given: 'Plans given',
    plans_changed: 'Plans changed',
    links: 'Links',
    passwords: 'New passwords',
    tokens: 'Tokens given',
  },
  importAccessOf: {
    given: 'password from the file',
    link: 'link',
    password: 'new password',
    none: 'as before',
  },
  importFaultTexts: {
    not_csv: 'This is not CSV: a quotation mark is missing, or is in the middle of a cell.',
    no_rows: 'There is no row with a user.',
    too_many_rows: 'A file can have at most 2,000 rows. Split it up.',
    no_username_column: 'There is no column “username”.',
    unknown_column:
      'This column is not known. There can be username, password, groups, plan, tokens.',
    column_twice: 'Another column has the same meaning.',
    missing: 'The cell is empty.',
    not_storable: 'The cell has a character that can’t be stored.',
    too_long: 'The cell is too long.',
    too_short: 'The password is too short.',
    common_password: 'The password is among the most common ones.',
    password_has_username: 'The password contains the username.',
    password_has_site_name: 'The password is little more than the name of this site.',
    not_a_username: 'No account can have this name.',
    named_twice: 'This name, or one too similar to it, is in a row above.',
    name_taken: 'There is an account with a name that is too similar:',
    not_tokens: 'This is not a whole number of tokens.',
    unknown_plan: 'There is no plan with this name.',
    untouchable: 'Only a superuser can change the account of a superuser.',
  } satisfies Record<ImportFaultCode, string>,
};
