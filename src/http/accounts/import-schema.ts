/** Importing users from a CSV file. */
import { Type } from 'typebox';
import { IMPORT_FAULTS } from '../../app/user-import/read-rows.ts';
import { NullableString, storable } from '../framework/common-schema.ts';
import { OneTimeLinkReply } from './managed-user-schema.ts';

export const NewImport = Type.Object({
  csv: Type.String({
    description:
      'The file: a line of headings, then one user per row, at most 2,000. Columns: `username`; ' +
      'and optionally `password`, `groups` (separated by semicolons), `plan` and `tokens` (the ' +
      'opening balance of a new user).',
  }),
  dry_run: Type.Optional(Type.Boolean({ description: 'Do nothing; tell what it would do.' })),
  expected: Type.Optional(
    storable({
      maxLength: 64,
      description: '`expected` of the dry run. Without a dry run, it must be given.',
    }),
  ),
  access: Type.Optional(
    Type.Union([Type.Literal('link'), Type.Literal('password')], {
      description:
        'What new users without a password in the file get: a link to choose one (the default), ' +
        'or a password that is made up.',
    }),
  ),
  pools: Type.Optional(
    Type.Boolean({
      description:
        'Whether groups that are created get a pool, which can pay for their members; by default ' +
        'they do, and it is empty.',
    }),
  ),
  renew_access: Type.Optional(
    Type.Boolean({
      description: 'Give it also to users of the file who exist, but were never here.',
    }),
  ),
});

const Count = (description: string) => Type.Integer({ description });

const ImportFault = Type.Object({
  row: Type.Integer({ description: 'As a spreadsheet counts it.' }),
  column: NullableString,
  code: Type.Enum([...IMPORT_FAULTS]),
  value: NullableString,
  message: Type.String(),
});

const ImportedRow = Type.Object({
  row: Type.Integer(),
  username: Type.String(),
  id: Type.Union([Type.Integer(), Type.Null()]),
  is_new: Type.Boolean(),
  joins: Type.Array(Type.String(), { description: 'Groups that the user joins.' }),
  plan: NullableString,
  tokens: Type.Integer({ description: 'The opening balance of a new user.' }),
  access: Type.Enum(['given', 'link', 'password', 'none'], {
    description: 'How the user is let in: by the password of the file, or by what is told here.',
  }),
  link: Type.Union([OneTimeLinkReply, Type.Null()]),
  password: NullableString,
});

export const ImportReply = Type.Object(
  {
    imported: Type.Boolean({ description: 'Whether something was done: false for a dry run.' }),
    expected: Type.String({ description: 'What to send to do exactly this.' }),
    counts: Type.Object({
      rows: Type.Integer(),
      new_users: Type.Integer(),
      existing_users: Type.Integer(),
      unchanged_users: Count('Existing users for whom there is nothing to do.'),
      new_groups: Type.Integer(),
      new_pools: Count('How many of the new groups get a pool.'),
      joins: Count('How often a user joins a group.'),
      plans_given: Type.Integer(),
      plans_changed: Count('Of users with another plan: the rest of its allowance expires.'),
      links: Type.Integer(),
      passwords: Count('Passwords that are made up.'),
      tokens: Count('The opening balances together.'),
      faults: Type.Integer(),
    }),
    new_groups: Type.Array(Type.String()),
    faults: Type.Array(ImportFault, { description: 'The first 200. With any, nothing is done.' }),
    rows: Type.Array(ImportedRow, {
      description:
        'What is done, row by row; of a run that stopped, what was done. Links and passwords are ' +
        'told only here.',
    }),
    stopped: Type.Union(
      [Type.Object({ row: Type.Integer(), message: Type.String() }), Type.Null()],
      { description: 'Where a run stopped, and why. Run again, it does what is missing.' },
    ),
  },
  { description: 'What was imported, or for a dry run what would be.' },
);
