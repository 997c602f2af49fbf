import type { Context } from '../../app/context.ts';
import { readBalance } from '../../app/credits/read-balance.ts';
import { readStatement } from '../../app/credits/read-statement.ts';
import type { StatementLine } from '../../store/credits/transfers.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { BadRequest, USER_ERRORS } from '../framework/common-schema.ts';
import { Balance, History, HistoryQuery, Me } from './account-schema.ts';

/** What people see of their own account. */
export function accountRoutes(api: Api, context: Context): void {
  api.get('/api/tokens/', {
    config: { access: 'user' },
    schema: {
      tags: ['Balance'],
      summary: 'What can be spent',
      security: [{ bearer: [] }],
      response: { 200: Balance, ...USER_ERRORS },
    },
    handler: async (request) => ({ tokens: await readBalance(context, userOf(request).id) }),
  });

  api.get('/api/tokens/history/', {
    config: { access: 'user' },
    schema: {
      tags: ['Balance'],
      summary: 'The statement: every booking, newest first',
      security: [{ bearer: [] }],
      querystring: HistoryQuery,
      response: { 200: History, 400: BadRequest, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { cursor, limit } = request.query;
      const page = await readStatement(context, userOf(request).id, { cursor, limit });
      return {
        results: page.lines.map(toHistoryLine),
        has_more: page.nextCursor !== undefined,
        next_cursor: page.nextCursor ?? null,
      };
    },
  });

  api.get('/api/me/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Who is signed in',
      security: [{ bearer: [] }],
      response: { 200: Me, ...USER_ERRORS },
    },
    handler: async (request) => {
      const user = userOf(request);
      return {
        id: user.id,
        username: user.username,
        is_staff: user.isStaff,
        is_superuser: user.isSuperuser,
        tokens: await readBalance(context, user.id),
        date_joined: new Date(user.joinedAtMs).toISOString(),
        staff_reads_chats: context.policy.canStaffReadChats,
      };
    },
  });
}

function toHistoryLine(line: StatementLine) {
  return {
    id: line.id,
    kind: line.kind,
    amount: line.credits,
    balance_after: line.balanceCredits,
    model: line.model,
    usage: line.usage && {
      input: line.usage.input,
      cached_input: line.usage.cachedInput,
      output: line.usage.output,
      source: line.usage.source,
    },
    reason: line.reason,
    reason_code: reasonCodeOf(line),
    message_id: line.messageId,
    timestamp: new Date(line.atMs).toISOString(),
  };
}

/** The code of a reason that the server gave; null for one that a person gave, or none. */
export function reasonCodeOf({ kind, actor }: StatementLine) {
  return kind === 'grant' && actor === 'system' ? ('opening_balance' as const) : null;
}
