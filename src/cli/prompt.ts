/** Asking a person at a terminal, or reading what a script sends on standard input. */
import { isUtf8 } from 'node:buffer';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Policy } from '../app/context.ts';
import { CommandFailure } from './output.ts';

const PASSWORD_MAX_CHARACTERS = 128;

/**
 * Asks for a line.
 * @param option what to give on the command line where there is nobody to ask
 */
export async function promptLine(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandFailure(`This is no terminal to ask at. Give ${option}.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

/**
 * Asks twice for a password, showing nothing of it; without a terminal, takes standard input.
 * @throws CommandFailure if it is one that nobody could log in with, or too short
 */
export async function promptNewPassword(policy: Policy): Promise<string> {
  const password = process.stdin.isTTY
    ? await promptHidden('Password: ')
    : (await readInput()).replace(/\r?\n$/, '');
  requireUsable(password, policy);
  if (process.stdin.isTTY && password !== (await promptHidden('Again: '))) {
    throw new CommandFailure('The two passwords differ. Nothing was changed.');
  }
  return password;
}

async function readInput(): Promise<string> {
  const bytes = await buffer(process.stdin);
  if (bytes.length === 0) throw new CommandFailure('Send the password on standard input.');
  if (!isUtf8(bytes)) throw new CommandFailure('The password is not valid UTF-8.');
  return bytes.toString('utf8');
}

/** The rules of the API, so that whoever got the password here can log in there. */
function requireUsable(password: string, policy: Policy): void {
  const { length } = [...password];
  if (password.trim() === '') throw new CommandFailure('The password may not be blank.');
  if (length < policy.passwordMinLength || length > PASSWORD_MAX_CHARACTERS) {
    const range = `${policy.passwordMinLength} to ${PASSWORD_MAX_CHARACTERS}`;
    throw new CommandFailure(`A password has ${range} characters.`);
  }
  if (password.includes('\0')) throw new CommandFailure('A password has no null characters.');
}

async function promptHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
