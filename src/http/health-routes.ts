import { checkReady } from '../app/check-ready.ts';
import type { Context } from '../app/context.ts';
import type { Api } from './api.ts';
import { detailed } from './schemas/common.ts';
import { Health } from './schemas/health.ts';

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
