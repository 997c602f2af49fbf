import type { FastifyRequest } from 'fastify';
import type { Context } from '../../app/context.ts';
import { importFaultText } from '../../app/user-import/fault-text.ts';
import {
  type ImportPlan,
  isNothing,
  type PlannedRow,
  planImport,
} from '../../app/user-import/plan-import.ts';
import {
  type ImportedRow,
  type ImportOutcome,
  runImport,
} from '../../app/user-import/run-import.ts';
import { invalidField } from '../../core/errors.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_BODY_ERRORS } from '../framework/common-schema.ts';
import { responseTo } from '../framework/errors.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { ImportReply, NewImport } from './import-schema.ts';

const MAX_FAULTS_SHOWN = 200;

/** Imports users with their groups and plans from a file. */
export function importRoutes(api: Api, context: Context): void {
  api.post('/api/admin/users/import/', {
    config: staffWith('users:import'),
    schema: {
      tags: ['Admin: users'],
      security: [{ bearer: [] }],
      summary: 'Import users with groups and plans from CSV: a dry run first, then exactly that',
      body: NewImport,
      response: {
        200: ImportReply,
        409: detailed('It would do something else now than in the dry run; nothing was done.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { csv, dry_run, expected, access = 'link', pools, renew_access } = request.body;
      const asked = {
        csv,
        access,
        hasPools: pools ?? true,
        renewsAccess: renew_access ?? false,
      };
      if (dry_run) return shownPlan(await planImport(context, principalOf(request), asked));
      if (expected === undefined) {
        const message = 'Do a dry run first, and send the "expected" of its answer.';
        throw invalidField('expected', message, { code: 'required' });
      }
      // It makes links to choose passwords with, and may give any amount.
      await requireFreshProof(context, request);
      const outcome = await runImport(context, principalOf(request), { ...asked, expected });
      return shownOutcome(outcome, request);
    },
  });
}

function shownPlan(plan: ImportPlan) {
  const { counts, faults } = plan;
  return {
    imported: false,
    expected: plan.fingerprint,
    counts: {
      rows: counts.rows,
      new_users: counts.newUsers,
      existing_users: counts.existingUsers,
      unchanged_users: counts.unchangedUsers,
      new_groups: counts.newGroups,
      new_pools: counts.newPools,
      joins: counts.joins,
      plans_given: counts.plansGiven,
      plans_changed: counts.plansChanged,
      links: counts.links,
      passwords: counts.passwords,
      tokens: counts.credits,
      faults: faults.length,
    },
    new_groups: [...plan.newGroups],
    faults: faults.slice(0, MAX_FAULTS_SHOWN).map((fault) => ({
      row: fault.row,
      column: fault.column ?? null,
      code: fault.code,
      value: fault.value ?? null,
      message: importFaultText(fault),
    })),
    rows: plan.rows
      .filter((it) => it.userId === undefined || !isNothing(it))
      .map((it) => ({ ...shownRow(it), id: it.userId ?? null, link: null, password: null })),
    stopped: null,
  };
}

function shownOutcome({ plan, done, stopped }: ImportOutcome, request: FastifyRequest) {
  return {
    ...shownPlan(plan),
    imported: true,
    rows: done.map(shownImported),
    stopped: stopped ? { row: stopped.row, message: messageOf(stopped.error, request) } : null,
  };
}

function shownRow({ row, username, userId, joins, plan, openingCredits, access }: PlannedRow) {
  return {
    row,
    username,
    is_new: userId === undefined,
    joins: [...joins],
    plan: plan?.name ?? null,
    tokens: openingCredits,
    access,
  };
}

function shownImported({ planned, userId, link, password }: ImportedRow) {
  return {
    ...shownRow(planned),
    id: userId,
    link: link ? { path: link.path, expires_at: isoTime(link.expiresAtMs) } : null,
    password: password ?? null,
  };
}

/** What the client would be told if the whole request had failed. */
function messageOf(error: unknown, request: FastifyRequest): string {
  const { body } = responseTo(error, request);
  const { detail, error: sentence } = body as { detail?: string; error?: string };
  return detail ?? sentence ?? Object.values(body).flat().join(' ');
}
