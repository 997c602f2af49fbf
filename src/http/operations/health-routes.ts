import type { Context } from '../../app/context.ts';
import { Readiness } from '../../app/operations/check-ready.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { Health } from './health-schema.ts';

/** Health checks, for load balancers and supervisors. */
export function healthRoutes(api: Api, context: Context): void {
  const readiness = new Readiness(context);
  api.get('/healthz', {
    config: { access: 'public' },
    schema: {
      tags: ['Health'],
      summary: 'Check whether the process responds',
      response: { 200: Health, 405: detailed('Only GET.') },
    },
    handler: async () => ({ status: 'ok' as const }),
  });

  api.get('/readyz', {
    config: { access: 'public' },
    schema: {
      tags: ['Health'],
      summary: 'Check whether requests can be served: the ledger can be written',
      response: {
        200: Health,
        405: detailed('Only GET.'),
        503: detailed('The ledger cannot be written.'),
      },
    },
    handler: async () => {
      await readiness.check();
      return { status: 'ok' as const };
    },
  });
}
