import { userWith } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import {
  conversationsIn,
  readGroupStatement,
  readStatement,
} from '../../app/credits/read-statement.ts';
import { PERSONAL } from '../../core/paying-account.ts';
import type { StatementLine } from '../../store/credits/transfers.ts';
import { AdminUserPath } from '../accounts/managed-user-schema.ts';
import { namesOf } from '../accounts/usernames.ts';
import { staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { BadRequest, detailed, STAFF_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { nextPage } from '../framework/paging.ts';
import { AdminStatement, History, OwnStatementQuery, StatementQuery } from './statement-schema.ts';

/** What the three counts tell. */
const TEXT_UNITS: ReadonlySet<string> = new Set(['input', 'cached_input', 'output']);

/** The transfers of an account, for its user and for staff. */
export function statementRoutes(api: Api, context: Context): void {
  api.get('/api/tokens/history/', {
    config: { access: 'user' },
    schema: {
      tags: ['Balance'],
      summary: 'Read your statement: every transfer, newest first',
      security: [{ bearer: [] }],
      querystring: OwnStatementQuery,
      response: { 200: History, 400: BadRequest, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { cursor, limit, account = PERSONAL } = request.query;
      const { id } = userOf(request);
      const { lines, nextCursor } =
        account === PERSONAL
          ? await readStatement(context, id, { cursor, limit })
          : await readGroupStatement(context, { userId: id, groupId: account }, { cursor, limit });
      const conversations = await conversationsIn(context, id, lines);
      return {
        results: lines.map((line) => ({
          ...shownLine(line),
          message_id: line.messageId,
          conversation: conversations.get(line.messageId ?? '') ?? null,
        })),
        ...nextPage(nextCursor),
      };
    },
  });

  api.get('/api/admin/users/:id/history/', {
    config: staffWith('credits:read'),
    schema: {
      tags: ['Admin: users'],
      security: [{ bearer: [] }],
      summary: 'Read the statement of a user',
      params: AdminUserPath,
      querystring: StatementQuery,
      response: { 200: AdminStatement, 404: detailed('User not found.'), ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      const { cursor, limit } = request.query;
      const { lines, nextCursor } = await readStatement(context, user.id, { cursor, limit });
      const actors = lines.map(({ actor }) => actor);
      const nameOf = await namesOf(context, actors);
      return {
        results: lines.map((line) => ({
          ...shownLine(line),
          refunded: line.isRefunded,
          actor: line.actor,
          actor_name: nameOf(line.actor),
        })),
        ...nextPage(nextCursor),
      };
    },
  });
}

/** What every statement says of a line. */
export function shownLine(line: StatementLine) {
  const isOpeningBalance = line.kind === 'grant' && line.actor === 'system';
  return {
    id: line.id,
    kind: line.kind,
    amount: line.credits,
    balance_after: line.balanceCredits,
    model: line.model,
    reason: line.reason,
    voucher: line.voucher,
    reason_code: isOpeningBalance ? ('opening_balance' as const) : null,
    round: line.round,
    purpose: line.isTitle ? ('title' as const) : null,
    usage: line.usage && shownUsage(line.usage),
    timestamp: isoTime(line.atMs),
  };
}

function shownUsage(usage: NonNullable<StatementLine['usage']>) {
  const { input, cachedInput, output, source, units, tier, answers, unpriced } = usage;
  const isText = Object.keys(units).every((unit) => TEXT_UNITS.has(unit));
  return {
    input,
    cached_input: cachedInput,
    output,
    source,
    ...(isText ? {} : { units: { ...units } }),
    ...(tier === null ? {} : { tier }),
    ...(answers === 1 ? {} : { answers }),
    ...(unpriced === null ? {} : { unpriced: { ...unpriced } }),
  };
}
