import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import { Authenticator } from '../app/authenticate.ts';
import { KeyAuthenticator } from '../app/authenticate-key.ts';
import type { Context } from '../app/context.ts';
import { registerAccessControl } from './access.ts';
import { accountRoutes } from './account-routes.ts';
import { adminAuditRoutes } from './admin/audit-routes.ts';
import { adminChatRoutes } from './admin/chat-routes.ts';
import { adminCreditRoutes } from './admin/credit-routes.ts';
import { adminManyUsersRoutes } from './admin/many-users-routes.ts';
import { adminSiteRoutes, type ShownSetting } from './admin/site-routes.ts';
import { adminUsageRoutes } from './admin/usage-routes.ts';
import { adminUserRoutes } from './admin/user-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { registerBodyParsers } from './bodies.ts';
import { chatRoutes } from './chat-routes.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { registerCors } from './cors.ts';
import { registerDocs } from './docs.ts';
import { registerDrain } from './drain.ts';
import { replyWithError } from './errors.ts';
import { healthRoutes } from './health-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { linkRoutes } from './link-routes.ts';
import { loggingOptions, registerRequestLog } from './logging.ts';
import { messageRoutes } from './message-routes.ts';
import { withMethodNotAllowed } from './methods.ts';
import { registerPages, replyNowhere } from './pages.ts';
import { relayRoutes } from './relay-routes.ts';
import { registerSecurityHeaders } from './security-headers.ts';
import { sessionRoutes } from './session-routes.ts';
import { siteRoutes } from './site-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { answerUnreadable } from './unreadable.ts';
import { AJV_OPTIONS, describeFaults, refuseUnstorablePaths } from './validation.ts';

export type Server = FastifyInstance;

export interface ServerSettings {
  readonly logLevel: string;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  /** The settings that are in force, for staff to see. */
  readonly shown: readonly ShownSetting[];
}

/** How often Node looks for connections that are too slow. */
const SLOW_CHECK_MS = 1_000;
const MAX_HEADER_BYTES = 16_384;

/** Puts the HTTP server together. It is ready, but does not listen yet. */
export async function buildServer(context: Context, settings: ServerSettings): Promise<Server> {
  const app: Server = Fastify({
    ...loggingOptions(settings.logLevel),
    bodyLimit: settings.bodyLimitBytes,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    requestTimeout: settings.requestTimeoutMs,
    http: {
      headersTimeout: settings.requestTimeoutMs,
      connectionsCheckingInterval: SLOW_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    routerOptions: { ignoreTrailingSlash: true },
    ajv: AJV_OPTIONS,
    schemaErrorFormatter: describeFaults,
    frameworkErrors: replyWithError,
    clientErrorHandler: answerUnreadable,
  });
  app.setErrorHandler(replyWithError);
  app.setNotFoundHandler(replyNowhere);
  registerDrain(app);
  registerRequestLog(app);
  registerBodyParsers(app);
  registerSecurityHeaders(app);
  if (settings.corsOrigins.length > 0) await registerCors(app, settings.corsOrigins);
  registerAccessControl(app, new Authenticator(context), new KeyAuthenticator(context));
  refuseUnstorablePaths(app);
  await registerDocs(app);
  await registerPages(app);
  withMethodNotAllowed(app, () => {
    const api = app.withTypeProvider<TypeBoxTypeProvider>();
    authRoutes(api, context);
    tokenRoutes(api, context);
    accountRoutes(api, context);
    sessionRoutes(api, context);
    chatRoutes(api, context);
    conversationRoutes(api, context);
    messageRoutes(api, context);
    keyRoutes(api, context);
    relayRoutes(api, context);
    linkRoutes(api, context);
    adminUserRoutes(api, context);
    adminManyUsersRoutes(api, context);
    adminCreditRoutes(api, context);
    adminChatRoutes(api, context);
    adminUsageRoutes(api, context);
    adminAuditRoutes(api, context);
    adminSiteRoutes(api, context, settings.shown);
    siteRoutes(api, context);
    healthRoutes(api, context);
  });
  await app.ready();
  return app;
}
