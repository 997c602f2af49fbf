import { choosePassword, setUp } from '../../app/accounts/one-time-links.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../framework/api.ts';
import { PUBLIC_BODY_ERRORS, Throttled } from '../framework/common-schema.ts';
import { Done } from './auth-schema.ts';
import { ChosenPassword, SetupBody } from './link-schema.ts';

/** The requests of the pages behind one-time links. */
export function linkRoutes(api: Api, context: Context): void {
  api.post('/api/setup/', {
    config: { access: 'public' },
    schema: {
      tags: ['Accounts'],
      summary: 'Create the first superuser with the link that the server printed',
      body: SetupBody,
      response: { 200: Done, 429: Throttled, ...PUBLIC_BODY_ERRORS },
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
      summary: 'Choose a password with a link from staff; ends all tokens and API keys',
      body: ChosenPassword,
      response: { 200: Done, 429: Throttled, ...PUBLIC_BODY_ERRORS },
    },
    handler: async (request) => {
      await choosePassword(context, { ...request.body, address: request.ip });
      return {};
    },
  });
}
