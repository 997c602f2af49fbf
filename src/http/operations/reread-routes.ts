import type { FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import type { LimitInForce } from '../../app/metering/limits-in-force.ts';
import { rereadDeployment } from '../../app/operations/reread-deployment.ts';
import type { RateLimits } from '../../core/deployment.ts';
import type { DeploymentChange } from '../../core/deployment-changes.ts';
import { ChitError } from '../../core/errors.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_BODY_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import {
  DeploymentPreviewReply,
  DeploymentState,
  RereadBody,
  RereadReply,
} from './reread-schema.ts';

const tags = ['Admin: site'];
const security = [{ bearer: [] }];

/** `chit.json`: what of it is in force, what it would change, and reading it again. */
export function rereadRoutes(api: Api, context: Context): void {
  const { deployment } = context;

  api.get('/api/admin/deployment/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Show which file is in force, and the rate limits',
      response: { 200: DeploymentState, ...STAFF_ERRORS },
    },
    handler: async () => {
      const { file, readAtMs, refusal, limits } = deployment;
      return {
        file: file ?? null,
        read_at: isoTime(readAtMs),
        refusal: refusal ? { at: isoTime(refusal.atMs), faults: [...refusal.faults] } : null,
        aliases: Object.entries(context.catalogue.aliases).map(([alias, model]) => ({
          alias,
          model,
        })),
        limits: limits.map(shownLimit),
      };
    },
  });

  api.get('/api/admin/deployment/preview/', {
    config: staffWith('operations:read'),
    schema: {
      tags,
      security,
      summary: 'Show what the file would change; superusers only',
      response: { 200: DeploymentPreviewReply, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { faults, changes, revision = null } = await deployment.preview();
      return { faults: [...faults], changes: changes.map(shownChange), revision };
    },
  });

  api.post('/api/admin/deployment/reread/', {
    config: staffWith('operations:write'),
    schema: {
      tags,
      security,
      summary: 'Put the file in force, all or nothing; superusers only',
      body: RereadBody,
      response: {
        200: RereadReply,
        409: detailed('The file has faults, or was changed since the preview.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { revision } = request.body;
      const changes = await rereadDeployment(context, principalOf(request), revision);
      return { changes: changes.map(shownChange) };
    },
  });
}

/** Prices and keys are the business of whoever may do everything. */
function requireSuperuser(request: FastifyRequest): void {
  if (!userOf(request).isSuperuser) throw new ChitError('permission_denied', undefined);
}

const LIMIT_NAMES = {
  requestsPerMinute: 'requests_per_minute',
  concurrentGenerations: 'concurrent_generations',
  usageTokensPerMinute: 'usage_tokens_per_minute',
} as const satisfies Record<keyof RateLimits, string>;

function shownLimit({ who, what, value, source }: LimitInForce) {
  return { scope: who, limit: LIMIT_NAMES[what], value, source };
}

function shownChange({ member, before, after }: DeploymentChange) {
  return { member, before: before ?? null, after: after ?? null };
}
