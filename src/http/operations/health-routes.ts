import type { Context } from '../../app/context.ts';
import { checkReady } from '../../app/operations/check-ready.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { Health } from './health-schema.ts';

/** For load balancers and whoever starts the program. */
export function healthRoutes(api: Api, context: Context): void {
  api.get('/healthz', {
    config: { access: 'public' },
    schema: {
      tags: ['Health'],
      summary: 'Whether the process answers',
      response: { 200: Health, 405: detailed('Only GET.') },
    },
    handler: async () => ({ status: 'ok' as const }),
  });

  api.get('/readyz', {
    config: { access: 'public' },
    schema: {
      tags: ['Health'],
      summary: 'Whether requests can be served: the database answers',
      response: {
        200: Health,
        405: detailed('Only GET.'),
        503: detailed('The database does not answer.'),
      },
    },
    handler: async () => {
      await checkReady(context);
      return { status: 'ok' as const };
    },
  });
}
