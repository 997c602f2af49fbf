/** A directory that keeps users and groups up to date by SCIM, and what it sends. */
import { createScimToken } from '../../src/app/directory/scim-tokens.ts';
import type { Principal } from '../../src/app/principal.ts';
import type { AdminServer, Json } from './admin.ts';
import { type Answer, send } from './http.ts';

export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const AT_COMMAND_LINE: Principal = { actor: 'cli:test', address: undefined, user: undefined };

export class Directory {
  readonly admin: AdminServer;
  readonly token: string;

  private constructor(admin: AdminServer, token: string) {
    this.admin = admin;
    this.token = token;
  }

  static async on(admin: AdminServer, name: string): Promise<Directory> {
    const wanted = { name, expiresAtMs: undefined };
    const { token } = await createScimToken(admin.chit.context, AT_COMMAND_LINE, wanted);
    return new Directory(admin, token);
  }

  /** Sends a request. @param path below `/scim/v2` */
  ask(method: string, path: string, body?: object, token = this.token): Promise<Answer> {
    return send(`${this.admin.server.url}/scim/v2${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/scim+json',
        ...(body ? { 'content-type': 'application/scim+json; charset=utf-8' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  /** Sends a request that has to succeed. @returns the resource */
  async done(method: string, path: string, body?: object): Promise<Json> {
    const { status, text, json } = await this.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return json;
  }

  /** Finds resources. */
  async find(path: string, filter: string): Promise<Json[]> {
    return (await this.done('GET', `${path}?filter=${encodeURIComponent(filter)}`)).Resources;
  }

  patch(path: string, ...Operations: object[]): Promise<Answer> {
    return this.ask('PATCH', path, { schemas: [PATCH_OP], Operations });
  }

  /** Makes a user as Entra ID does. */
  user(userName: string, more: object = {}): Promise<Json> {
    const schemas = [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'];
    return this.done('POST', '/Users', { schemas, userName, active: true, ...more });
  }
}
