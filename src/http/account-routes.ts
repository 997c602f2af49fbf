import type { Context } from '../app/context.ts';
import { readBalance } from '../app/read-balance.ts';
import { userOf } from './access.ts';
import type { Api } from './api.ts';
import { Balance, Me } from './schemas/account.ts';
import { USER_ERRORS } from './schemas/common.ts';

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
      };
    },
  });
}
