import { userWith } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import { periodsOf } from '../../app/usage/periods.ts';
import { readTopUsers, readUsage, readUserUsage } from '../../app/usage/read-usage.ts';
import { durationAt } from '../../core/durations.ts';
import type { ModelSums } from '../../core/usage-sums.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, READ_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { isoTime } from '../framework/iso-time.ts';
import { spanIn } from './spans.ts';
import {
  TopUsers,
  TopUsersQuery,
  Usage,
  UsageQuery,
  UserUsage,
  UserUsagePath,
  UserUsageQuery,
} from './usage-schema.ts';

const tags = ['Admin: usage'];
const security = [{ bearer: [] }];
const MOST_USERS = 100;
/** The columns of CSV files. */
const SUMS = [
  'messages',
  'failed',
  'charged',
  'refunded',
  'input',
  'cached_input',
  'output',
  'median_ms',
  'p95_ms',
] as const;
const USER_COLUMNS = [
  'id',
  'username',
  'messages',
  'failed',
  'charged',
  'input',
  'output',
] as const;

/** Usage by period, by model and by user. */
export function usageRoutes(api: Api, context: Context): void {
  api.get('/api/admin/usage/', {
    config: staffWith('usage:read'),
    schema: {
      tags,
      security,
      summary: 'Read usage by period and by model',
      querystring: UsageQuery,
      response: { 200: Usage, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { step = 'day', model, table = 'points', format } = request.query;
      const span = spanIn(context, request.query, step);
      const usage = await context.heavyReads.run(principalOf(request).actor, () =>
        readUsage(context, { step, ...span, model }),
      );
      const points = usage.points.map(({ period, sums, users }) => ({
        period,
        ...shownSums(sums),
        users: users ?? null,
      }));
      const models = usage.models.map(({ model: name, sums, costCredits }) => ({
        model: name,
        ...shownSums(sums),
        shortfall: sums.shortfall,
        cost: costCredits ?? null,
        earned: earnedOf(sums, costCredits),
      }));
      if (format !== 'csv') {
        const courses = usage.courses.map(({ messages, charged, ...it }) => ({
          ...it,
          messages: [...messages],
          charged: [...charged],
        }));
        return { step, as_of: isoTime(usage.asOfMs), points, models, courses };
      }
      return table === 'models'
        ? sendCsv(reply, 'usage-models', ['model', ...SUMS, 'shortfall', 'cost', 'earned'], models)
        : sendCsv(reply, 'usage-points', ['period', ...SUMS, 'users'], points);
    },
  });

  api.get('/api/admin/usage/users/', {
    config: staffWith('usage:read'),
    schema: {
      tags,
      security,
      summary: 'Read the users who were charged most in a month or on a day',
      querystring: TopUsersQuery,
      response: { 200: TopUsers, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const { period = periodsOf(context.now()).month, format } = request.query;
      const top = await context.heavyReads.run(principalOf(request).actor, () =>
        readTopUsers(context, period, MOST_USERS),
      );
      const users = top.map(({ userId, username, sums }) => ({
        id: userId,
        username: username ?? null,
        ...sums,
      }));
      if (format === 'csv') return sendCsv(reply, `users-${period}`, USER_COLUMNS, users);
      return { period, users };
    },
  });

  api.get('/api/admin/users/:id/usage/', {
    config: staffWith('usage:read'),
    schema: {
      tags,
      security,
      summary: 'Read the usage of one user',
      params: UserUsagePath,
      querystring: UserUsageQuery,
      response: {
        200: UserUsage,
        404: detailed('User not found.'),
        ...READ_ERRORS,
        ...STAFF_ERRORS,
      },
    },
    handler: async (request) => {
      const { step = 'day' } = request.query;
      const user = await userWith(context, Number(request.params.id));
      const span = spanIn(context, request.query, step);
      const points = await context.heavyReads.run(principalOf(request).actor, () =>
        readUserUsage(context, user.id, { step, ...span }),
      );
      return { points: points.map(({ period, sums }) => ({ period, ...sums })) };
    },
  });
}

function earnedOf({ charged, refunded }: ModelSums, cost: number | undefined): number | null {
  return cost === undefined ? null : charged - refunded - cost;
}

function shownSums(sums: ModelSums) {
  const { messages, failed, charged, refunded, input, cachedInput, output, durations } = sums;
  return {
    messages,
    failed,
    charged,
    refunded,
    input,
    cached_input: cachedInput,
    output,
    median_ms: durationAt(durations, 0.5) ?? null,
    p95_ms: durationAt(durations, 0.95) ?? null,
  };
}
