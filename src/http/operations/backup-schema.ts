/** What superusers see of backups. Nothing leads to the contents: they have the secret key. */
import { Type } from 'typebox';
import { NullableString } from '../framework/common-schema.ts';

const Maker = Type.Union([
  Type.Literal('schedule'),
  Type.Literal('upgrade'),
  Type.Literal('command'),
  Type.Literal('panel'),
]);

const Backup = Type.Object({
  name: Type.String({ description: 'Of the file in the folder.' }),
  made_at: Type.String(),
  made_by: Maker,
  bytes: Type.Integer(),
  program: Type.String({ description: 'The version of Chit that made it.' }),
  migration: NullableString,
  accounts: Type.Integer(),
  transfers: Type.Integer(),
  tokens: Type.String({ description: 'The sum of all balances, as decimal digits.' }),
  last_transfer: Type.Union([Type.Object({ id: Type.String(), at: Type.String() }), Type.Null()]),
  check: Type.Object({
    of: Type.Union([Type.Literal('ledger'), Type.Literal('file')], {
      description: '`file` for a database of an earlier version, before its upgrade.',
    }),
    faults: Type.Array(Type.String()),
  }),
});

export const BackupsReply = Type.Object(
  {
    folder: Type.String({ description: 'Where backups are made.' }),
    every_hours: Type.Number({ description: 'How often the schedule makes one; 0 for never.' }),
    last_good_at: Type.Union([Type.String(), Type.Null()], {
      description: 'When the newest one without faults was made.',
    }),
    is_overdue: Type.Boolean({ description: 'Whether that was more than two days ago.' }),
    running: Type.Union([Type.Object({ since: Type.String(), made_by: Maker }), Type.Null()], {
      description: 'The one that this server is making.',
    }),
    failed: Type.Union(
      [Type.Object({ at: Type.String(), made_by: Maker, reason: Type.String() }), Type.Null()],
      { description: 'The last one of this server, if it failed.' },
    ),
    impossible: Type.Union([Type.String(), Type.Null()], {
      description: 'Why this server cannot make any.',
    }),
    backups: Type.Array(Backup, { description: 'Newest first.' }),
    unreadable: Type.Array(Type.Object({ name: Type.String(), reason: Type.String() })),
  },
  { description: 'The backups in the folder of this server.' },
);

export const BackupBegun = Type.Object({}, { description: 'A backup is being made.' });
