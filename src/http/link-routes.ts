import type { Context } from '../app/context.ts';
import { choosePassword, setUp } from '../app/one-time-links.ts';
import type { Api } from './api.ts';
import { Done } from './schemas/auth.ts';
import { PUBLIC_BODY_ERRORS } from './schemas/common.ts';
import { ChosenPassword, SetupBody } from './schemas/links.ts';

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
