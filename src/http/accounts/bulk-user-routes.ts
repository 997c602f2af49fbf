import { disableUsers } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { staffIn } from '../framework/lists.ts';
import { Disabled, Disabling } from './bulk-user-schema.ts';
import { STAFF_BODY_ERRORS } from './managed-user-schema.ts';

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
