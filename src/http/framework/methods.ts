import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Access } from './access.ts';
import { HttpError } from './http-error.ts';

interface Path {
  readonly methods: Set<string>;
  readonly access: Access | undefined;
}

/**
 * Adds routes and, for each of their paths, a response to every other method: 405 with `Allow`
 * (RFC 9110, section 15.5.6), and 204 with `Allow` to OPTIONS. As in the original, access is
 * checked first.
 */
export function withMethodNotAllowed(app: FastifyInstance, addRoutes: () => void): void {
  const paths = new Map<string, Path>();
  let isAdding = true;
  app.addHook('onRoute', (route: RouteOptions) => {
    if (!isAdding) return;
    const path = paths.get(route.url) ?? { methods: new Set(), access: route.config?.access };
    for (const method of [route.method].flat()) path.methods.add(method);
    paths.set(route.url, path);
  });
  addRoutes();
  isAdding = false;

  for (const [url, { methods, access }] of paths) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    const others = app.supportedMethods.filter((method) => !methods.has(method));
    app.route({
      method: others,
      url,
      schema: { hide: true },
      config: access ? { access } : {},
      // Before the body is read, since it is not needed.
      onRequest: async (request, reply) => {
        if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send();
        throw new HttpError('method_not_allowed', {
          status: 405,
          body: { detail: `Method "${request.method}" not allowed.` },
          headers: { allow },
        });
      },
      handler: async () => undefined,
    });
  }
}
