/** Prompts at a terminal, or input from a script on standard input. */
import { isUtf8 } from 'node:buffer';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { passwordChecker } from '../app/accounts/password-policy.ts';
import type { Context } from '../app/context.ts';
import { passwordFaultText } from '../core/password-rules.ts';
import { CommandFailure } from './output.ts';

/**
 * Prompts for a line.
 * @param option the command line option to use where there is no terminal
 */
export async function promptLine(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandFailure(`There is no terminal to prompt on. Use ${option}.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

/**
 * Prompts twice for a password without echo; without a terminal, reads standard input.
 * @throws CommandFailure if the API would not accept the password
 */
export async function promptNewPassword(context: Context, username: string): Promise<string> {
  const password = process.stdin.isTTY
    ? await promptHidden('Password: ')
    : (await readInput()).replace(/\r?\n$/, '');
  requireStorable(password);
  const fault = (await passwordChecker(context))(password, username);
  if (fault?.code === 'too_short') {
    throw new CommandFailure(`A password has at least ${fault.min} characters.`);
  }
  if (fault) throw new CommandFailure(passwordFaultText(fault));
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

/** Applies the rules of the API's fields, so that the user can log in with the password. */
function requireStorable(password: string): void {
  if (password.trim() === '') throw new CommandFailure('The password may not be blank.');
  if (password.includes('\0'))
    throw new CommandFailure('A password may not contain null characters.');
}

async function promptHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
