/** The real `oidc-provider` as identity provider, on a port of its own. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export const CLIENT_SECRET = 'a client secret that only the tests know';

/** The types of Fetch do not know that it can be left out. */
const OWN_DISPATCHER: object = { dispatcher: undefined };

/** What the provider says of people, by their login. */
export type Directory = Record<string, Readonly<Record<string, unknown>>>;

export interface IdentityServer {
  readonly issuer: string;
  /** Knows the site from now on. */
  serve(siteUrl: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts one. Its pages take any password. */
export async function startIdentityServer(people: Directory): Promise<IdentityServer> {
  let listener: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    serve: async (siteUrl) => {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true });
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: 'chit',
            client_secret: CLIENT_SECRET,
            redirect_uris: [`${siteUrl}/api/sign-in/school/callback/`],
            post_logout_redirect_uris: [`${siteUrl}/`],
            backchannel_logout_uri: `${siteUrl}/api/sign-in/school/logout/`,
            backchannel_logout_session_required: true,
          },
        ],
        jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256' }] },
        cookies: { keys: ['of the tests'] },
        // Its own would not go to an address of this machine.
        fetch: (url, options) => fetch(url, { ...options, ...OWN_DISPATCHER }),
        claims: {
          openid: ['sub'],
          profile: ['preferred_username', 'groups'],
          email: ['email', 'email_verified'],
        },
        findAccount: (_, sub) => ({
          accountId: sub,
          claims: async () => ({ sub, ...people[sub] }),
        }),
        features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
      });
      listener = provider.callback();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
