import type { Context } from '../../app/context.ts';
import type { ServerState } from '../../app/operations/servers.ts';
import { staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { STAFF_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { ServerList } from './server-schema.ts';

/** The servers on the database, and whether they agree. */
export function serverRoutes(api: Api, context: Context): void {
  const { servers, usageLimits } = context;
  api.get('/api/admin/servers/', {
    config: staffWith('operations:read'),
    schema: {
      tags: ['Admin: site'],
      security: [{ bearer: [] }],
      summary: 'List the servers on this database',
      response: { 200: ServerList, ...STAFF_ERRORS },
    },
    handler: async () => ({
      servers: (await servers.list()).map(shownServer),
      shares_limits: usageLimits.counts.isShared,
    }),
  });
}

function shownServer(server: ServerState) {
  return {
    id: server.id,
    host: server.host,
    version: server.version,
    started_at: isoTime(server.startedAtMs),
    is_this: server.isThis,
    clock_ahead_seconds: Math.round(server.clockAheadMs) / 1000,
    differences: [...server.differences],
  };
}
