import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import type { RouteScope } from '../../core/admin-scopes.ts';
import { BODY_TYPES } from './bodies.ts';
import { registerPageHeaders } from './security-headers.ts';

/** Swagger UI sets styles from its scripts. Nothing on the page is loaded from another host. */
const PAGE_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Paths where a body is passed on as it is, or must not come from a form of another site. */
const JSON_ONLY = /^\/(v1|api\/session)\//;

/** `/openapi.json`, generated from the routes' schemas, and `/docs`, a page to read and try it. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  const { url, prefix } = app.publicSite;
  const here = { url: prefix || '/' };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Chit',
        description: packageJson.description,
        version: packageJson.version,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: url === undefined ? [here] : [{ url }, here],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          key: { type: 'http', scheme: 'bearer', description: 'An API key, chit_…' },
          scim: { type: 'http', scheme: 'bearer', description: 'A token of a directory' },
          admin_key: { type: 'http', scheme: 'bearer', description: 'An admin key, chit_admin_…' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const isScim = url.startsWith('/scim/');
      const onlyJson = isScim
        ? ['application/scim+json', 'application/json']
        : ['application/json'];
      const consumes = isScim || JSON_ONLY.test(url) ? onlyJson : BODY_TYPES;
      const documented = withScope(withErrorHeaders(schema), route.config?.scope);
      return { schema: schema.body ? { ...documented, consumes } : documented, url };
    },
  });
  await app.register(async (docs) => {
    registerPageHeaders(docs);
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      indexPrefix: prefix,
      staticCSP: PAGE_POLICY,
      uiConfig: { validatorUrl: null, persistAuthorization: true },
    });
  });
  app.get('/openapi.json', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
}

const ERROR_HEADERS = {
  'Chit-Error': { type: 'string', description: 'The code of the error.' },
  'Chit-Error-Params': {
    type: 'string',
    description: 'The parameters of the error as ASCII JSON, if it has any.',
  },
};

/** Documents which scope an admin key needs (OpenAPI 3.1 lists it as a role of the scheme). */
function withScope(schema: FastifySchema, scope: RouteScope | undefined): FastifySchema {
  if (scope === undefined || scope === 'signed_in_only') return schema;
  return { ...schema, security: [...(schema.security ?? []), { admin_key: [scope] }] };
}

/** Documents the headers that every response with a status of 400 or above has. */
function withErrorHeaders(schema: FastifySchema): FastifySchema {
  const responses = Object.entries((schema.response ?? {}) as Record<string, object>).map(
    ([status, response]) =>
      [status, Number(status) < 400 ? response : { ...response, headers: ERROR_HEADERS }] as const,
  );
  return schema.response ? { ...schema, response: Object.fromEntries(responses) } : schema;
}
