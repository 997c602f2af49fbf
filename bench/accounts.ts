/** A database with accounts that can pay, and the requests that their owners send. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount } from '../src/app/register-user.ts';
import { openChit } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { newFolder } from './processes.ts';

/** As many as the most connections, so that each connection can have its own. */
const USERS = 128;
const PASSWORD = 'a passphrase of the benchmark';
const MESSAGE = 'How many tokens does a message cost here, and when am I charged?';
/** Enough that nobody runs out: ten million messages for each. */
const OPENING_CREDITS = '1000000000';

interface Account {
  readonly id: number;
  readonly username: string;
  readonly access: string;
}

/** The accounts, in a database that each measurement gets a fresh copy of. */
export class Accounts {
  readonly #folder: string;
  readonly #accounts: readonly Account[];

  private constructor(folder: string, accounts: readonly Account[]) {
    this.#folder = folder;
    this.#accounts = accounts;
  }

  /** Makes them without a server, which lets an address sign up 300 times an hour only. */
  static async make(): Promise<Accounts> {
    const folder = newFolder();
    const settings = {
      CHIT_DATABASE_URL: `sqlite:${join(folder, 'data/chit.db')}`,
      CHIT_SIGNUP_TOKENS: OPENING_CREDITS,
    };
    const { context, close } = await openChit(loadConfig(settings, join(folder, '.env')).config);
    try {
      const makeOne = async (_: unknown, index: number): Promise<Account> => {
        const username = `user-${index}`;
        const who = { username, password: PASSWORD, isStaff: false, isSuperuser: false };
        const id = await createAccount(context, who);
        return { id, username, access: context.tokens.issue('access', id, Date.now()).token };
      };
      const accounts = await Promise.all(Array.from({ length: USERS }, makeOne));
      return new Accounts(folder, accounts);
    } finally {
      await close();
    }
  }

  /** A new folder with a copy of the database and of the key. */
  copy(): string {
    const folder = newFolder();
    cpSync(this.#folder, folder, { recursive: true });
    return folder;
  }

  /** `POST /api/chat/`, by each of them. */
  chats(): string[] {
    return this.#accounts.map(({ access }) => {
      return post('/api/chat/', { message: MESSAGE }, `Authorization: Bearer ${access}\r\n`);
    });
  }

  /** The same for the floor, which takes whoever it is told. */
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

function post(path: string, value: object, headers: string): string {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  const type = 'Content-Type: application/json';
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}${type}\r\n`;
  return `${head}Content-Length: ${length}\r\n\r\n${body}`;
}
