/** A server with a superuser and a member of the staff, and requests in their names. */
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { accessOf, createAccount } from './chit.ts';
import { type Answer, send } from './http.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { script, scriptedModel } from './scripted-model.ts';

export const PASSWORD = 'Pa55word!x';
/** Writes one word at once and the next after eight seconds: long enough to be interrupted. */
export const SLOW = script({ say: 'one ' }, { waitMs: 8_000 }, { say: 'two' });

/** The body of a response, for a test to look into. */
// biome-ignore lint/suspicious/noExplicitAny: the schemas are checked by the server.
export type Json = any;

/** The server, and the tokens of those who use it. */
export class AdminServer {
  readonly server: ModelServer;
  /** An access token of a superuser. */
  root = '';
  /** An access token of a member of the staff who is no superuser. */
  staff = '';
  #people = 0;

  private constructor(server: ModelServer) {
    this.server = server;
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<AdminServer> {
    const admin = new AdminServer(
      await startModelServer([scriptedModel(flatPrice(100))], settings),
    );
    admin.root = (await admin.person({ isStaff: true, isSuperuser: true })).access;
    admin.staff = (await admin.person({ isStaff: true })).access;
    return admin;
  }

  get chit(): Chit {
    return this.server.chit;
  }

  /** Creates an account and an access token for it. */
  async person(flags: { isStaff?: boolean; isSuperuser?: boolean } = {}) {
    this.#people += 1;
    const username = `Person${this.#people}`;
    const { isStaff = false, isSuperuser = false } = flags;
    const account = { username, password: PASSWORD, isStaff, isSuperuser };
    const id = await createAccount(this.chit.context, account);
    const access = accessOf(this.chit.context, id);
    return { id, username, access };
  }

  /** Sends one request with a token. */
  ask(
    token: string,
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const all = { authorization: `Bearer ${token}`, ...headers };
    const json = body ? { 'content-type': 'application/json' } : {};
    return send(`${this.server.url}${path}`, {
      method,
      headers: { ...all, ...json },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  /** Gets the JSON of a path as the superuser. */
  async read(path: string): Promise<Json> {
    return (await this.ask(this.root, 'GET', path)).json;
  }

  async tokensOf(id: number): Promise<number> {
    return (await this.read(`/api/admin/users/${id}/`)).user.tokens;
  }

  async entries(query: string): Promise<Json[]> {
    return (await this.read(`/api/admin/audit/?${query}`)).entries;
  }
}
