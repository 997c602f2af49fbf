/** A database with accounts that can pay, and the requests that their owners send. */
import { openAccount } from '../../src/app/accounts/register-user.ts';
import type { Chit } from '../../src/compose.ts';
import {
  copyWorkspace,
  type DatabaseKind,
  newWorkspace,
  openWorkspace,
  type Workspace,
} from './workspaces.ts';

/** As many as the most connections, so that each connection can have its own. */
export const USERS = 128;
const AT_ONCE = 16;
const PASSWORD = 'a passphrase of the benchmark';
const MESSAGE = 'How many tokens does a message cost here, and when am I charged?';
/** Enough that nobody runs out: ten million messages for each. */
export const OPENING_CREDITS = 1_000_000_000;
/** The tokens are to outlive the longest run. */
const TOKEN_MINUTES = '1440';

interface Account {
  readonly id: number;
  readonly username: string;
  readonly access: string;
}

/** The accounts, in a database that each measurement gets a fresh copy of. */
export class Accounts {
  readonly workspace: Workspace;
  readonly #accounts: readonly Account[];

  private constructor(workspace: Workspace, accounts: readonly Account[]) {
    this.workspace = workspace;
    this.#accounts = accounts;
  }

  /** Creates them without a server, which limits sign-ups to 300 per address and hour. */
  static async make(kind: DatabaseKind): Promise<Accounts> {
    const makeOne = async ({ context }: Chit, index: number): Promise<Account> => {
      const username = `user-${index}`;
      const who = { username, password: PASSWORD, isStaff: false, isSuperuser: false };
      const openingCredits = context.policy.signupCredits;
      const { userId: id } = await openAccount(context, { ...who, openingCredits }, {});
      return { id, username, access: accessOf(context, id) };
    };
    return Accounts.#in(await newWorkspace(kind), async (chit) => {
      const made: Account[] = [];
      // More at once wait so long for their passwords to be hashed that some are refused.
      for (let first = 0; first < USERS; first += AT_ONCE) {
        const some = Array.from({ length: AT_ONCE }, (_, nth) => makeOne(chit, first + nth));
        made.push(...(await Promise.all(some)));
      }
      return made;
    });
  }

  /** Uses accounts that exist already. */
  static of(workspace: Workspace, ids: readonly number[]): Promise<Accounts> {
    return Accounts.#in(workspace, async ({ context }) =>
      ids.map((id) => ({ id, username: '', access: accessOf(context, id) })),
    );
  }

  static async #in(
    workspace: Workspace,
    make: (chit: Chit) => Promise<Account[]>,
  ): Promise<Accounts> {
    const chit = await openWorkspace(workspace, {
      CHIT_SIGNUP_TOKENS: String(OPENING_CREDITS),
      CHIT_ACCESS_TOKEN_MINUTES: TOKEN_MINUTES,
    });
    try {
      return new Accounts(workspace, await make(chit));
    } finally {
      await chit.close();
    }
  }

  /** A new workspace with a copy of the database and of the key. */
  copy(): Promise<Workspace> {
    return copyWorkspace(this.workspace);
  }

  /** `POST /api/chat/`, by each of them. */
  chats(): string[] {
    return this.#accounts.map(({ access }) => chatRequest(access));
  }

  /** The same for the floor, which trusts the user in the header. */
  floorChats(): string[] {
    return this.#accounts.map(({ id }) => {
      return post('/api/chat/', { message: MESSAGE }, `X-User: ${id}\r\n`);
    });
  }

  /** `GET /api/tokens/`, by each of them. */
  balances(): string[] {
    return this.#accounts.map(
      ({ access }) =>
        `GET /api/tokens/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${access}\r\n\r\n`,
    );
  }

  /** `POST /api/login/`, by each of them. */
  logins(): string[] {
    return this.#accounts.map(({ username }) => {
      return post('/api/login/', { username, password: PASSWORD }, '');
    });
  }
}

/** `POST /api/chat/`, by whoever has this access token. */
export function chatRequest(access: string): string {
  return post('/api/chat/', { message: MESSAGE }, `Authorization: Bearer ${access}\r\n`);
}

function accessOf(context: Chit['context'], id: number): string {
  return context.tokens.issue('access', id, Date.now()).token;
}

function post(path: string, value: object, headers: string): string {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  const type = 'Content-Type: application/json';
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}${type}\r\n`;
  return `${head}Content-Length: ${length}\r\n\r\n${body}`;
}
