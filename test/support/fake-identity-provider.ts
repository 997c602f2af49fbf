/**
 * A provider of OpenID Connect that can do everything wrong. It answers the requests of the server
 * in the process of the test, and signs with real keys.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const ALG = 'ES256';

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: object;
}

/** What becomes of a sign-in at the provider. */
export interface Consent {
  readonly sub: string;
  /** Claims of the ID token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Claims of the user info. */
  readonly userInfo?: Readonly<Record<string, unknown>>;
}

interface Granted extends Consent {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** What is wrong about the tokens from now on. */
export interface Faults {
  /** Claims in the place of the right ones. */
  claims?: Readonly<Record<string, unknown>>;
  alg?: 'none' | 'HS256';
  /** Whether the signature is of a key that the provider does not publish. */
  isForged?: boolean;
  /** Whether the token endpoint does not answer. */
  isDown?: boolean;
  /** Whether codes are accepted without their verifier, and more than once. */
  isCareless?: boolean;
}

export class FakeIdentityProvider {
  readonly issuer: string;
  readonly clientId = 'chit';
  faults: Faults = {};
  /** How often each address was asked. */
  readonly asked = new Map<string, number>();
  readonly #codes = new Map<string, Granted>();
  readonly #access = new Map<string, Granted>();
  #keys: Key[] = [];

  private constructor(issuer: string) {
    this.issuer = issuer;
  }

  static async make(issuer = 'https://id.example'): Promise<FakeIdentityProvider> {
    const provider = new FakeIdentityProvider(issuer);
    await provider.changeKeys();
    return provider;
  }

  /** Signs with a new key from now on, and publishes no other. */
  async changeKeys(): Promise<void> {
    this.#keys = [await newKey()];
  }

  /** Signs somebody in, as the page of the provider would. @returns where it sends the browser */
  authorize(url: string, consent: Consent): URL {
    const { searchParams: asked } = new URL(url);
    const code = randomUUID();
    this.#codes.set(code, {
      ...consent,
      nonce: asked.get('nonce') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
    });
    return this.#back(asked, { code });
  }

  /** Sends somebody back who does not consent. */
  deny(url: string, error = 'access_denied'): URL {
    return this.#back(new URL(url).searchParams, { error });
  }

  #back(asked: URLSearchParams, answer: Record<string, string>): URL {
    const back = new URL(asked.get('redirect_uri') ?? '');
    const all = { ...answer, state: asked.get('state') ?? '', iss: this.issuer };
    for (const [name, value] of Object.entries(all)) back.searchParams.set(name, value);
    return back;
  }

  /** Answers a request of the server. */
  readonly fetch = async (url: string, options: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url);
    this.asked.set(pathname, (this.asked.get(pathname) ?? 0) + 1);
    if (this.faults.isDown) throw new TypeError('fetch failed');
    if (pathname.endsWith('/.well-known/openid-configuration')) return json(this.#metadata());
    if (pathname === '/jwks') return json({ keys: this.#keys.map(({ jwk }) => jwk) });
    if (pathname === '/token') return this.#token(new URLSearchParams(String(options.body)));
    if (pathname === '/userinfo') {
      const bearer = new Headers(options.headers).get('authorization') ?? '';
      const granted = this.#access.get(bearer.replace(/^Bearer /i, ''));
      return granted ? json({ sub: granted.sub, ...granted.userInfo }) : json({}, 401);
    }
    return json({}, 404);
  };

  #metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: 'https://id.example/authorize',
      token_endpoint: 'https://id.example/token',
      userinfo_endpoint: 'https://id.example/userinfo',
      jwks_uri: 'https://id.example/jwks',
      end_session_endpoint: 'https://id.example/logout',
      authorization_response_iss_parameter_supported: true,
      // A provider may say so; it must not matter.
      id_token_signing_alg_values_supported: [ALG, 'none', 'HS256'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  async #token(body: URLSearchParams): Promise<Response> {
    const code = body.get('code') ?? '';
    const granted = this.#codes.get(code);
    const { isCareless } = this.faults;
    const verifier = body.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const isRight =
      granted?.challenge === challenge && granted.redirectUri === body.get('redirect_uri');
    if (!granted || !(isRight || isCareless)) return json({ error: 'invalid_grant' }, 400);
    if (!isCareless) this.#codes.delete(code);
    const access = randomUUID();
    this.#access.set(access, granted);
    const idToken = await this.#idToken(granted);
    return json({ access_token: access, token_type: 'Bearer', id_token: idToken });
  }

  async #idToken({ sub, nonce, claims }: Granted): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const times = { iat: seconds, exp: seconds + 300 };
    const own = { iss: this.issuer, aud: this.clientId, sub, nonce };
    return this.#sign({ ...times, ...own, ...claims, ...this.faults.claims });
  }

  /** A token with which it signs somebody out, with these claims in the place of the right ones. */
  logoutToken(claims: Readonly<Record<string, unknown>>, typ = 'logout+jwt'): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const times = { iat: seconds, exp: seconds + 120 };
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const own = { iss: this.issuer, aud: this.clientId, jti: randomUUID(), events };
    return this.#sign({ ...times, ...own, ...claims, ...this.faults.claims }, typ);
  }

  async #sign(payload: JWTPayload, typ?: string): Promise<string> {
    const { alg, isForged } = this.faults;
    if (alg === 'none') return `${encoded({ alg })}.${encoded(payload)}.`;
    if (alg === 'HS256') {
      const secret = new TextEncoder().encode('the client secret that both sides know');
      return new SignJWT(payload).setProtectedHeader({ alg }).sign(secret);
    }
    const [{ kid, privateKey }] = this.#keys as [Key];
    const key = isForged ? (await newKey()).privateKey : privateKey;
    const kind = typ === undefined ? {} : { typ };
    return new SignJWT(payload).setProtectedHeader({ alg: ALG, kid, ...kind }).sign(key);
  }
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(ALG);
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: ALG, use: 'sig' } };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function json(value: object, status = 200): Response {
  const headers = { 'content-type': 'application/json' };
  return new Response(JSON.stringify(value), { status, headers });
}
