import { choosePassword, setUp } from '../../app/accounts/one-time-links.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { PUBLIC_BODY_ERRORS } from '../framework/common-schema.ts';
import { Done } from './auth-schema.ts';
import { ChosenPassword, SetupBody } from './link-schema.ts';

/** What one-time links lead to. */
export function linkRoutes(api: Api, context: Context): void {
  api.post('/api/setup/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Make the first superuser, by the link that the server printed',
      body: SetupBody,
      response: { 200: Done, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request) => {
      await setUp(context, { ...request.body, address: request.ip });
      return {};
    },
  });

  api.post('/api/password/choose/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Choose a password, by a link from the staff; ends all tokens',
      body: ChosenPassword,
      response: { 200: Done, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request) => {
      await choosePassword(context, { ...request.body, address: request.ip });
      return {};
    },
  });
}
