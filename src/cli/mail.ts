import { Command, InvalidArgumentError } from 'commander';
import { resendAllMail, resendMail } from '../app/notices/resend-mail.ts';
import { testMailTo } from '../app/notices/test-mail.ts';
import { counted } from '../core/counted.ts';
import { ChitError, hasCode } from '../core/errors.ts';
import { isMailAddress, type MailProblem } from '../core/mail.ts';
import { MAIL_LANGUAGES } from '../core/notices.ts';
import type { FailedMail, FailedMailFilter } from '../store/notices/failed-mail.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printError, printTable, timeText } from './output.ts';
import { withChit } from './with-chit.ts';

const PAGE = 200;

interface Which {
  readonly kind?: string;
  readonly since?: number;
}

/** `chit mail`. */
export function mailCommand(): Command {
  return new Command('mail')
    .description('List mail that could not be delivered, send it again, and try mail out')
    .addCommand(
      which(
        new Command('list')
          .description('List mail of the last 90 days that was given up, newest first')
          .option('--json', 'one JSON object per line, for scripts'),
      ).action(list),
    )
    .addCommand(
      which(
        new Command('retry')
          .description('Send mail again that was given up; a server that runs does so')
          .argument('[ids...]', 'as the list shows them')
          .option('--all', 'all of it, or with the options below all that they say'),
      ).action(retry),
    )
    .addCommand(
      new Command('test')
        .description('Send a test mail at once, and print what the mail server answers')
        .argument('<address>', 'where to', addressIn)
        .option('--language <language>', MAIL_LANGUAGES.join(' or '), languageIn, 'en')
        .action(test),
    );
}

function which(command: Command): Command {
  return command
    .option('--kind <kind>', 'only of this kind, such as invitation')
    .option('--since <time>', 'only what was given up since then, such as 2026-11-29', timeIn);
}

function list({ json, ...options }: Which & { readonly json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const { failedMail, now } = context;
    const rows: FailedMail[] = [];
    for (let beforeId: string | undefined; ; ) {
      const page = { beforeId, limit: PAGE, atMs: now() };
      const found = await failedMail.page(filterOf(options), page);
      if (json) for (const it of found) print(JSON.stringify(asJson(it)));
      else rows.push(...found);
      if (found.length < PAGE) break;
      beforeId = found.at(-1)?.id;
    }
    if (rows.length > 0) printTable(rows.map(asRow));
  });
}

function retry(
  ids: readonly string[],
  { all = false, ...options }: Which & { readonly all?: boolean },
): Promise<void> {
  const hasFilter = options.kind !== undefined || options.since !== undefined;
  if (ids.length > 0 && (all || hasFilter)) {
    throw new CommandFailure('Give ids, or --all, --kind and --since, not both.');
  }
  if (ids.length === 0 && !all && !hasFilter) {
    throw new CommandFailure('Give the ids of mail, or --all, --kind or --since.');
  }
  return withChit(async ({ context }) => {
    try {
      let left = 0;
      let queued = ids.length;
      if (ids.length > 0) for (const id of ids) await resendMail(context, commandLine(), id);
      else ({ queued, left } = await resendAllMail(context, commandLine(), filterOf(options)));
      print(`${counted(queued, 'mail')} will be sent again.`);
      if (left > 0) {
        printError(
          `${counted(left, 'mail')} not: the link is over, or nobody is there to get it. ` +
            'See `chit mail list`.',
        );
      }
    } catch (error) {
      throw explained(error);
    }
  });
}

function test(email: string, { language }: { readonly language: string }): Promise<void> {
  return withChit(async ({ context }) => {
    try {
      const to = { email, language, target: 'site' };
      const { answer } = await testMailTo(context, commandLine(), to);
      print(`The server for mail has taken it: ${answer}`);
    } catch (error) {
      throw explained(error);
    }
  });
}

function filterOf({ kind, since }: Which): FailedMailFilter {
  return { kind, sinceMs: since };
}

const ADVICE: Readonly<Record<MailProblem, string>> = {
  unknown_host: 'There is no server of the name in CHIT_SMTP_URL.',
  no_connection:
    'No connection to the server of CHIT_SMTP_URL: check its name, its port and the firewall.',
  no_answer: 'The server of CHIT_SMTP_URL does not answer: check its port and the firewall.',
  tls:
    'No encrypted connection: check whether the port is for smtps:// or smtp://, and the ' +
    'certificate of the server.',
  sign_in: 'The server does not accept the user and the password in CHIT_SMTP_URL.',
  sender: 'The server does not accept mail from the address in CHIT_MAIL_FROM.',
  recipient: 'The server does not accept mail to this address.',
  other: 'The server did not take it.',
};

const OBSTACLES = {
  link_over: 'its link works no longer',
  no_address: 'its user has no confirmed address any more',
  not_wanted: 'its user wants no more mail of this kind',
} as const;

function explained(error: unknown): unknown {
  if (hasCode(error, 'mail_off')) {
    return new CommandFailure('This site sends no mail: set CHIT_SMTP_URL and CHIT_MAIL_FROM.');
  }
  if (hasCode(error, 'delivery_not_found')) {
    return new CommandFailure('There is no such mail that was given up. See `chit mail list`.');
  }
  if (error instanceof ChitError && hasCode(error, 'mail_not_repeated')) {
    return new CommandFailure(`It is not sent again: ${OBSTACLES[error.details.obstacle]}.`);
  }
  if (error instanceof ChitError && hasCode(error, 'mail_failed')) {
    const { problem, reason } = error.details;
    return new CommandFailure(`${ADVICE[problem]} ${reason}`);
  }
  return error;
}

function asRow(mail: FailedMail) {
  return {
    id: mail.id,
    kind: mail.kind,
    user: mail.username ?? '',
    attempts: mail.attempts,
    'given up': timeText(mail.endedAtMs),
    'not again, since': mail.obstacle === undefined ? '' : OBSTACLES[mail.obstacle],
    reason: mail.lastError ?? '',
  };
}

function asJson(mail: FailedMail): object {
  return {
    id: mail.id,
    kind: mail.kind,
    username: mail.username ?? null,
    attempts: mail.attempts,
    last_error: mail.lastError ?? null,
    ended_at: timeText(mail.endedAtMs),
    obstacle: mail.obstacle ?? null,
  };
}

function timeIn(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It is no time such as 2026-11-29T08:00Z.');
  return ms;
}

function addressIn(text: string): string {
  if (isMailAddress(text)) return text;
  throw new InvalidArgumentError('It is no address such as anna@example.org.');
}

function languageIn(text: string): string {
  if ((MAIL_LANGUAGES as readonly string[]).includes(text)) return text;
  throw new InvalidArgumentError(`It is none of ${MAIL_LANGUAGES.join(', ')}.`);
}
