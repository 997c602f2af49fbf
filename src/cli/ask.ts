/** Asking a person at a terminal, or reading what a script sends on standard input. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandFailure } from './output.ts';

/** Asks for a line. */
export async function askLine(question: string): Promise<string> {
  requireTerminal();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

/** Asks twice for a password, showing nothing of it; without a terminal, takes standard input. */
export async function askNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    const password = (await text(process.stdin)).replace(/\r?\n$/, '');
    if (password === '') throw new CommandFailure('Send the password on standard input.');
    return password;
  }
  const password = await askHidden('Password: ');
  if (password === '') throw new CommandFailure('The password may not be empty.');
  if (password !== (await askHidden('Again: '))) {
    throw new CommandFailure('The two passwords differ. Nothing was changed.');
  }
  return password;
}

async function askHidden(question: string): Promise<string> {
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

function requireTerminal(): void {
  if (!process.stdin.isTTY) {
    throw new CommandFailure('This is no terminal to ask at. Give --username.');
  }
}
