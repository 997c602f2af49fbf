import { Command, InvalidArgumentError } from 'commander';
import {
  endVouchers,
  MAX_CODES,
  MAX_PLAN_DAYS,
  MAX_USES,
  makeVouchers,
} from '../app/vouchers/make-vouchers.ts';
import { allCodes, batchToHandOut } from '../app/vouchers/read-vouchers.ts';
import { counted } from '../core/counted.ts';
import { MAX_CREDITS } from '../core/credits.ts';
import { hasCode } from '../core/errors.ts';
import type { VoucherBatch } from '../store/vouchers/vouchers.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable, visible } from './output.ts';
import { withChit } from './with-chit.ts';

const PAGE = 200;
const DAY_MS = 86_400_000;

interface CreateOptions {
  readonly tokens?: number;
  readonly plan?: string;
  readonly days?: number;
  readonly codes: number;
  readonly expires?: number;
  readonly usesPerCode: number;
  readonly usesPerUser: number;
  readonly idempotencyKey?: string;
}

export function vouchersCommand(): Command {
  return new Command('vouchers')
    .description('Make, print and end vouchers: codes that users redeem')
    .addCommand(createCommand())
    .addCommand(
      new Command('list')
        .description('List all batches, newest first')
        .option('--json', 'one JSON object per line, for scripts')
        .action(list),
    )
    .addCommand(
      new Command('sheet')
        .description('Print the codes of a batch, with who redeemed them')
        .argument('<batch>', 'its id, from `chit vouchers list`')
        .option('--json', 'one JSON object per line, for scripts')
        .action(sheet),
    )
    .addCommand(
      new Command('end')
        .description('End a batch: none of its codes can be redeemed from now on')
        .argument('<batch>', 'its id, from `chit vouchers list`')
        .option('--reason <text>', 'why, for the audit log')
        .action(end),
    );
}

function createCommand(): Command {
  return new Command('create')
    .description('Make a batch of codes that give tokens, or a plan for some days')
    .argument('<name>', 'shown in statements and on the sheet', batchName)
    .requiredOption('--codes <count>', `how many, up to ${MAX_CODES}`, upTo(MAX_CODES))
    .option('--tokens <amount>', 'what each code gives', upTo(MAX_CREDITS))
    .option('--plan <name>', 'a plan, instead of tokens')
    .option('--days <count>', 'for how many days the plan is given', upTo(MAX_PLAN_DAYS))
    .option('--expires <time>', 'until when codes can be redeemed: 2026-12-31T23:00:00Z', time)
    .option('--uses-per-code <count>', 'how often each code can be redeemed', upTo(MAX_USES), 1)
    .option('--uses-per-user <count>', 'how often one user can redeem', upTo(MAX_USES), 1)
    .option('--idempotency-key <key>', 'a second run with this key within a day makes nothing')
    .action(create);
}

function create(name: string, options: CreateOptions): Promise<void> {
  return withChit(async ({ context }) => {
    const { tokens, plan, days, expires, codes, usesPerCode, usesPerUser } = options;
    const { batch, isReplayed } = await makeVouchers(context, commandLine(), {
      wanted: {
        name,
        credits: tokens,
        plan,
        planDays: days,
        expiresAtMs: expires,
        codes,
        usesPerCode,
        usesPerUser,
      },
      idempotencyKey: options.idempotencyKey,
    }).catch(explain);
    const outcome = isReplayed ? 'Made before' : 'Made';
    print(`${outcome}: ${counted(batch.codes, 'voucher')}, ${batch.id}`);
    print(`Print their codes with \`chit vouchers sheet ${batch.id}\`.`);
  });
}

function list({ json }: { json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const rows: Record<string, string | number>[] = [];
    let beforeId: string | undefined;
    for (;;) {
      const page = await context.vouchers.page({ beforeId, limit: PAGE });
      for (const batch of page) {
        if (json) print(JSON.stringify(asJson(batch)));
        else rows.push(asRow(batch));
      }
      beforeId = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    if (rows.length > 0) printTable(rows);
  });
}

function sheet(id: string, { json }: { json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const principal = commandLine();
    const batch = await batchToHandOut(context, principal, id).catch(explain);
    if (!json) print(`${visible(batch.name)}: ${givesText(batch)}`);
    for await (const { number, code, uses, redemptions } of allCodes(
      context,
      principal.actor,
      batch.id,
    )) {
      const names = redemptions.map(({ username, userId }) => username ?? `user:${userId}`);
      if (json) print(JSON.stringify({ number, code, uses, redeemed_by: names }));
      else print(`${code}${uses > 0 ? `  redeemed by ${visible(names.join(', '))}` : ''}`);
    }
  });
}

function end(id: string, { reason }: { reason?: string }): Promise<void> {
  return withChit(async ({ context }) => {
    const batch = await endVouchers(context, commandLine(), id, reason).catch(explain);
    print(
      `"${visible(batch.name)}" is over. Its codes were redeemed ${counted(batch.uses, 'time')}.`,
    );
  });
}

function givesText({ credits, planName, planForMs }: VoucherBatch): string {
  return planName === undefined
    ? counted(credits, 'token')
    : `${visible(planName)} for ${counted(planForMs / DAY_MS, 'day')}`;
}

function asRow(batch: VoucherBatch): Record<string, string | number> {
  return {
    id: batch.id,
    name: batch.name,
    gives: givesText(batch),
    codes: batch.codes,
    redeemed: batch.uses,
    expires: textOf(batch.expiresAtMs) ?? 'never',
    state: batch.endedAtMs === undefined ? 'open' : 'ended',
  };
}

function asJson(batch: VoucherBatch): object {
  return {
    id: batch.id,
    name: batch.name,
    tokens: batch.planId === undefined ? batch.credits : null,
    plan: batch.planName ?? null,
    days: batch.planId === undefined ? null : batch.planForMs / DAY_MS,
    codes: batch.codes,
    redeemed: batch.uses,
    uses_per_code: batch.usesPerCode,
    uses_per_user: batch.usesPerUser,
    expires_at: textOf(batch.expiresAtMs) ?? null,
    created_at: textOf(batch.createdAtMs),
    ended_at: textOf(batch.endedAtMs) ?? null,
  };
}

function textOf(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
}

function explain(error: unknown): never {
  if (hasCode(error, 'invalid_fields')) {
    const [[field, [fault] = []] = ['', []]] = Object.entries(error.details.fields);
    throw new CommandFailure(`--${field.replace('_at', '')}: ${fault?.message ?? ''}`);
  }
  if (hasCode(error, 'voucher_batch_not_found')) {
    throw new CommandFailure('There is no batch with this id. `chit vouchers list` shows them.');
  }
  if (hasCode(error, 'voucher_codes_lost')) {
    throw new CommandFailure(
      'The secret key is not the one that these codes were made with, so they cannot be printed. ' +
        'Codes that were handed out still work. Restore the key, or make new vouchers.',
    );
  }
  if (hasCode(error, 'idempotency_key_reused')) {
    throw new CommandFailure('This key was used for another batch.');
  }
  throw error;
}

function upTo(max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,16}$/.test(text) && number >= 1 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

function batchName(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= 100) return name;
  throw new InvalidArgumentError('It must have 1 to 100 characters.');
}

function time(text: string): number {
  const atMs = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(atMs)) return atMs;
  throw new InvalidArgumentError('It must be a time such as 2026-12-31T23:00:00Z.');
}
