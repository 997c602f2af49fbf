import type { Context } from '../../app/context.ts';
import { readSpendable } from '../../app/credits/read-limits.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { USER_ERRORS } from '../framework/common-schema.ts';
import { Balance } from './balance-schema.ts';

/** The balance of the signed-in user. */
export function balanceRoutes(api: Api, context: Context): void {
  api.get('/api/tokens/', {
    config: { access: 'user' },
    schema: {
      tags: ['Balance'],
      summary: 'Read your balance',
      security: [{ bearer: [] }],
      response: { 200: Balance, ...USER_ERRORS },
    },
    handler: async (request) => ({ tokens: await readSpendable(context, userOf(request)) }),
  });
}
