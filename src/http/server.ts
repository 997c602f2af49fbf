import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Authenticator } from '../app/accounts/authenticate.ts';
import { KeyAuthenticator } from '../app/accounts/authenticate-key.ts';
import { requireStaffFactor } from '../app/accounts/factors/staff-factor.ts';
import { AdminKeyAuthenticator } from '../app/admin/authenticate-admin-key.ts';
import type { Context } from '../app/context.ts';
import { directoryWith } from '../app/directory/scim-tokens.ts';
import type { Observer } from '../app/operations/observations.ts';
import { ChitError } from '../core/errors.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import { authRoutes } from './accounts/auth-routes.ts';
import { factorRoutes } from './accounts/factor-routes.ts';
import { identityRoutes } from './accounts/identity-routes.ts';
import { importRoutes } from './accounts/import-routes.ts';
import { keyRoutes } from './accounts/key-routes.ts';
import { linkRoutes } from './accounts/link-routes.ts';
import { managedUserRoutes } from './accounts/managed-user-routes.ts';
import { proofRoutes } from './accounts/proof-routes.ts';
import { secondStepRoutes } from './accounts/second-step-routes.ts';
import { sessionRoutes } from './accounts/session-routes.ts';
import { signInAdminRoutes } from './accounts/sign-in-admin-routes.ts';
import { signInRoutes } from './accounts/sign-in-routes.ts';
import { tokenRoutes } from './accounts/token-routes.ts';
import { adminKeyRoutes } from './admin/admin-key-routes.ts';
import { auditRoutes } from './admin/audit-routes.ts';
import { staffChatRoutes } from './admin/staff-chat-routes.ts';
import { chatRoutes } from './chat/chat-routes.ts';
import { conversationRoutes } from './chat/conversation-routes.ts';
import { fileRoutes } from './chat/file-routes.ts';
import { folderRoutes } from './chat/folder-routes.ts';
import { importChatRoutes } from './chat/import-chat-routes.ts';
import { messageRoutes } from './chat/message-routes.ts';
import { promptRoutes } from './chat/prompt-routes.ts';
import { shareRoutes } from './chat/share-routes.ts';
import { sharedPromptRoutes } from './chat/shared-prompt-routes.ts';
import { balanceRoutes } from './credits/balance-routes.ts';
import { grantRoutes } from './credits/grant-routes.ts';
import { limitRoutes } from './credits/limit-routes.ts';
import { planRoutes } from './credits/plan-routes.ts';
import { statementRoutes } from './credits/statement-routes.ts';
import { isForScim, replyInScim } from './directory/scim-errors.ts';
import { scimRoutes } from './directory/scim-routes.ts';
import { scimTokenRoutes } from './directory/scim-token-routes.ts';
import { type Authenticators, registerAccessControl } from './framework/access.ts';
import { registerBodyParsers } from './framework/bodies.ts';
import { registerCors, registerKeyCors } from './framework/cors.ts';
import { registerDocs } from './framework/docs.ts';
import { registerDrain } from './framework/drain.ts';
import { replyWithError } from './framework/errors.ts';
import { isForGateway } from './framework/gateway-path.ts';
import { LAZY_COMPILERS } from './framework/lazy-compilers.ts';
import { registerLoadShedding } from './framework/load-shedding.ts';
import { loggingOptions } from './framework/logging.ts';
import { withMethodNotAllowed } from './framework/methods.ts';
import { handleParseError } from './framework/parse-errors.ts';
import { prefixOption, publicSiteOf } from './framework/public-site.ts';
import { TrustedPeers } from './framework/request-id.ts';
import { DATA_HEADERS, registerSecurityHeaders } from './framework/security-headers.ts';
import { ProxyWatch } from './framework/undeclared-proxy.ts';
import { AJV_OPTIONS, refuseUnstorablePaths, toInvalidFields } from './framework/validation.ts';
import { RequestWatcher } from './framework/watching.ts';
import { registerPages, replyNotFound } from './framework/web-app.ts';
import { BodiesInFlight } from './gateway/bodies-in-flight.ts';
import { countRoutes } from './gateway/count-routes.ts';
import { replyInItsShape } from './gateway/gateway-errors.ts';
import { modelRoutes } from './gateway/model-routes.ts';
import { notOffered } from './gateway/not-offered.ts';
import { relayRoutes } from './gateway/relay-routes.ts';
import { groupRoutes } from './groups/group-routes.ts';
import { managedGroupRoutes } from './groups/managed-group-routes.ts';
import { acceptRoutes } from './invitations/accept-routes.ts';
import { invitationRoutes } from './invitations/invitation-routes.ts';
import { noticeRoutes } from './notices/notice-routes.ts';
import { appearanceRoutes } from './operations/appearance-routes.ts';
import { shownSiteOf } from './operations/appearance-views.ts';
import { backupRoutes } from './operations/backup-routes.ts';
import { deploymentRoutes, type ShownSetting } from './operations/deployment-routes.ts';
import { doctorRoutes } from './operations/doctor-routes.ts';
import { healthRoutes } from './operations/health-routes.ts';
import { type MetricsSettings, registerMetrics } from './operations/metrics-routes.ts';
import { rereadRoutes } from './operations/reread-routes.ts';
import { serverRoutes } from './operations/server-routes.ts';
import { siteRoutes } from './operations/site-routes.ts';
import { usageRoutes } from './usage/usage-routes.ts';
import { redeemRoutes } from './vouchers/redeem-routes.ts';
import { voucherRoutes } from './vouchers/voucher-routes.ts';

export type Server = FastifyInstance & {
  /** Stops without a request that is lost, as `Drain.end`. To be called before `close`. */
  drain(): Promise<void>;
};

export interface ServerSettings {
  readonly logLevel: string;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly bodyLimitBytes: number;
  /** The same for the routes under `/v1/`. */
  readonly gatewayBodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  /** How long requests are still accepted after the server was told to stop. */
  readonly stopDelayMs: number;
  /** Where people reach the site; empty if that is not known. */
  readonly publicUrl: string;
  /** The effective settings, for staff to see. */
  readonly shown: readonly ShownSetting[];
  /** Those who watch from outside. */
  readonly observers?: readonly Observer[];
  /** Where metrics are shown, if they are. */
  readonly metrics?: MetricsSettings | undefined;
}

/** How often Node checks for connections that are too slow. */
const SLOW_CHECK_MS = 1_000;
const MAX_HEADER_BYTES = 16_384;

/** Builds the HTTP server. It is ready, but does not listen yet. */
export async function buildServer(context: Context, settings: ServerSettings): Promise<Server> {
  const site = publicSiteOf(settings.publicUrl);
  const peers = new TrustedPeers(settings.trustedProxies);
  const { observers = [] } = settings;
  const watcher = new RequestWatcher(observers, peers);
  const app: FastifyInstance = Fastify({
    ...loggingOptions(settings.logLevel, peers),
    ...prefixOption(site),
    bodyLimit: settings.bodyLimitBytes,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    requestTimeout: settings.requestTimeoutMs,
    http: {
      headersTimeout: settings.requestTimeoutMs,
      connectionsCheckingInterval: SLOW_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    // What arrives while the server stops is answered; `registerDrain` says until when.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    ajv: AJV_OPTIONS,
    schemaController: { compilersFactory: LAZY_COMPILERS },
    schemaErrorFormatter: toInvalidFields,
    // For a path that is not a valid URL no hook runs, so the headers are set here.
    frameworkErrors: (error, request, reply) => {
      watcher.begin(request, reply);
      return replyTo(error, request, reply.headers(DATA_HEADERS));
    },
    clientErrorHandler: handleParseError,
  });
  app.decorate('publicSite', site);
  app.decorate('shownSite', shownSiteOf(context.look));
  app.setErrorHandler(replyTo);
  app.setNotFoundHandler((request, reply) => {
    if (isForScim(request))
      return replyInScim(new ChitError('not_found', undefined), request, reply);
    return isForGateway(request)
      ? replyInItsShape(notOffered(request), request, reply)
      : replyNotFound(request, reply);
  });
  watcher.register(app);
  // Before all that answers by itself, so that no answer lacks them.
  registerSecurityHeaders(app);
  registerKeyCors(app);
  const drain = registerDrain(app, settings);
  registerLoadShedding(app, drain.running);
  const counts = () => ({ running: drain.running(), ...app.counts });
  for (const it of observers) it.watchServer?.(counts);
  registerBodyParsers(app);
  const proxies = new ProxyWatch();
  proxies.register(app);
  if (settings.corsOrigins.length > 0) await registerCors(app, settings.corsOrigins);
  registerAccessControl(app, authenticatorsFor(context));
  refuseUnstorablePaths(app);
  await registerDocs(app);
  await registerPages(app);
  withMethodNotAllowed(app, () => addRoutes(app, context, { settings, proxies }));
  await app.ready();
  return Object.assign(app, { drain: drain.end });
}

function authenticatorsFor(context: Context): Authenticators {
  return {
    users: new Authenticator(context),
    keys: new KeyAuthenticator(context),
    adminKeys: new AdminKeyAuthenticator(context),
    staffFactor:
      context.policy.staffSecondFactor === 'optional'
        ? undefined
        : (token, userId) => requireStaffFactor(context, token, userId),
    directories: (token, address) => directoryWith(context, token, address),
  };
}

/** Adds the routes of all subjects. */
function addRoutes(
  app: FastifyInstance,
  context: Context,
  { settings, proxies }: { readonly settings: ServerSettings; readonly proxies: ProxyWatch },
): void {
  const api = app.withTypeProvider<TypeBoxTypeProvider>();
  authRoutes(api, context);
  tokenRoutes(api, context);
  accountRoutes(api, context);
  proofRoutes(api, context);
  factorRoutes(api, context);
  identityRoutes(api, context);
  secondStepRoutes(api, context);
  sessionRoutes(api, context);
  signInRoutes(api, context);
  signInAdminRoutes(api, context, settings.publicUrl);
  chatRoutes(api, context);
  shareRoutes(api, context);
  importChatRoutes(api, context);
  conversationRoutes(api, context);
  folderRoutes(api, context);
  promptRoutes(api, context);
  sharedPromptRoutes(api, context);
  messageRoutes(api, context);
  keyRoutes(api, context);
  const inFlight = new BodiesInFlight(settings.gatewayBodyLimitBytes);
  relayRoutes(api, context, inFlight);
  countRoutes(api, context, inFlight);
  modelRoutes(api, context);
  fileRoutes(api, context);
  linkRoutes(api, context);
  managedUserRoutes(api, context);
  balanceRoutes(api, context);
  limitRoutes(api, context);
  statementRoutes(api, context);
  grantRoutes(api, context);
  planRoutes(api, context);
  groupRoutes(api, context);
  managedGroupRoutes(api, context);
  staffChatRoutes(api, context);
  usageRoutes(api, context);
  auditRoutes(api, context);
  adminKeyRoutes(api, context);
  deploymentRoutes(api, context, { settings: settings.shown, proxies });
  rereadRoutes(api, context);
  serverRoutes(api, context);
  siteRoutes(api, context);
  appearanceRoutes(api, context);
  backupRoutes(api, context);
  doctorRoutes(api, context);
  healthRoutes(api, context);
  if (settings.metrics) registerMetrics(app, settings.metrics);
  importRoutes(api, context);
  redeemRoutes(api, context);
  voucherRoutes(api, context);
  acceptRoutes(api, context);
  invitationRoutes(api, context, settings.publicUrl);
  noticeRoutes(api, context);
  scimRoutes(api, context);
  scimTokenRoutes(api, context);
}

/** Answers a request that failed, in the shape of the API that it was made in. */
function replyTo(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isForScim(request)) return replyInScim(error, request, reply);
  return isForGateway(request)
    ? replyInItsShape(error, request, reply)
    : replyWithError(error, request, reply);
}
