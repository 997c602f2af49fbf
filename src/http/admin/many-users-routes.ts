import { disableUsers } from '../../app/admin/users.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../api.ts';
import { STAFF_BODY_ERRORS } from '../schemas/admin.ts';
import { Disabled, Disabling } from '../schemas/admin-many.ts';
import { detailed } from '../schemas/common.ts';
import { staffIn } from './pages.ts';

/** What staff do with many users at once. */
export function adminManyUsersRoutes(api: Api, context: Context): void {
  api.post('/api/admin/users/disable/', {
    config: { access: 'staff' },
    schema: {
      tags: ['Admin: users'],
      security: [{ bearer: [] }],
      summary: 'Disable users: all of them or none',
      body: Disabling,
      response: {
        200: Disabled,
        404: detailed('One of them is not there; nobody was disabled.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { ids, reason } = request.body;
      return { disabled: await disableUsers(context, staffIn(request), ids, reason) };
    },
  });
}
