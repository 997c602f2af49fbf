import type { FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import { beginBackup } from '../../app/operations/begin-backup.ts';
import { madeAtMsOf } from '../../core/backups.ts';
import { ChitError } from '../../core/errors.ts';
import type { ListedBackup } from '../../store/operations/backup-folder.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, READ_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { BackupBegun, BackupsReply } from './backup-schema.ts';

const tags = ['Admin: site'];
const security = [{ bearer: [] }];
const HOUR_MS = 3_600_000;

/** The backups of this server, and making one now. */
export function backupRoutes(api: Api, context: Context): void {
  const { backups } = context;

  api.get('/api/admin/backups/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'List the backups; superusers only',
      response: { 200: BackupsReply, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { actor } = principalOf(request);
      const state = await context.heavyReads.run(actor, () => backups.state());
      const { running, failed, lastGood } = state;
      return {
        folder: state.folder,
        every_hours: state.everyMs / HOUR_MS,
        last_good_at: lastGood ? isoTime(madeAtMsOf(lastGood.manifest)) : null,
        is_overdue: state.isOverdue,
        running: running ? { since: isoTime(running.sinceMs), made_by: running.madeBy } : null,
        failed: failed
          ? { at: isoTime(failed.atMs), made_by: failed.madeBy, reason: failed.reason }
          : null,
        impossible: state.impossible ?? null,
        backups: state.backups.map(shownBackup),
        unreadable: state.unreadable.map(({ name, reason }) => ({ name, reason })),
      };
    },
  });

  api.post('/api/admin/backups/', {
    config: staffWith('operations:write'),
    schema: {
      tags,
      security,
      summary: 'Make a backup in the background; superusers only',
      response: {
        202: BackupBegun,
        409: detailed('One is being made already, or this server cannot make any.'),
        ...STAFF_ERRORS,
      },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      await beginBackup(context, principalOf(request));
      return reply.code(202).send({});
    },
  });
}

/** Where everything is kept, and the disk that a backup takes, are the business of superusers. */
function requireSuperuser(request: FastifyRequest): void {
  if (!userOf(request).isSuperuser) throw new ChitError('permission_denied', undefined);
}

function shownBackup({ name, bytes, manifest }: ListedBackup) {
  const { facts, check, madeAt, madeBy, program } = manifest;
  const { lastTransfer, migration, accounts, transfers, postedCredits } = facts;
  return {
    name,
    made_at: madeAt,
    made_by: madeBy,
    bytes,
    program,
    migration: migration ?? null,
    accounts,
    transfers,
    tokens: String(postedCredits),
    last_transfer: lastTransfer ? { id: lastTransfer.id, at: lastTransfer.at } : null,
    check: { of: check.of, faults: [...check.faults] },
  };
}
