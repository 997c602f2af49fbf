import type { Context } from '../../app/context.ts';
import { batchWith, endVouchers, makeVouchers } from '../../app/vouchers/make-vouchers.ts';
import {
  allCodes,
  batchToHandOut,
  readCodes,
  type ShownVoucher,
} from '../../app/vouchers/read-vouchers.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { VoucherBatch } from '../../store/vouchers/vouchers.ts';
import { namesOf } from '../accounts/usernames.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { requireProofToGive } from '../framework/fresh-proof.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { isoTime } from '../framework/iso-time.ts';
import { limitIn, nextPage } from '../framework/paging.ts';
import {
  Batch,
  BatchDetail,
  BatchEnd,
  BatchList,
  BatchPath,
  BatchQuery,
  CodeList,
  CodesQuery,
  NewBatch,
} from './voucher-schema.ts';

const tags = ['Admin: vouchers'];
const security = [{ bearer: [] }];
const NotFound = { 404: detailed('Batch of vouchers not found.') };
const DAY_MS = 86_400_000;
const HINT = 4;
const COLUMNS = [
  'number',
  'code',
  'voucher',
  'tokens',
  'plan',
  'days',
  'expires_at',
  'uses',
  'uses_left',
  'redeemed_by',
  'redeemed_at',
] as const;

/** Batches of vouchers, for staff. */
export function voucherRoutes(api: Api, context: Context): void {
  batchRoutes(api, context);
  codeRoutes(api, context);
}

function batchRoutes(api: Api, context: Context): void {
  api.get('/api/admin/vouchers/', {
    config: staffWith('vouchers:read'),
    schema: {
      tags,
      security,
      summary: 'List batches of vouchers',
      querystring: BatchQuery,
      response: { 200: BatchList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const limit = limitIn(request.query);
      const { cursor: beforeId } = request.query;
      const found = await context.heavyReads.run(principalOf(request).actor, () =>
        context.vouchers.page({ beforeId, limit: rowsForPage(limit) }),
      );
      const { items, last } = pageOf(found, limit);
      const nameOf = await namesOf(
        context,
        items.map(({ madeBy }) => madeBy),
      );
      return { batches: items.map((it) => shown(it, nameOf)), ...nextPage(last?.id) };
    },
  });

  api.post('/api/admin/vouchers/', {
    config: staffWith('vouchers:write'),
    schema: {
      tags,
      security,
      summary: 'Make a batch of vouchers',
      headers: IdempotencyHeaders,
      body: NewBatch,
      response: { 201: Batch, 422: KeyReused, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { name, tokens, plan, days, expires_at, codes } = request.body;
      const { uses_per_code = 1, uses_per_user = 1 } = request.body;
      const allowance = plan && (await context.plans.byName(plan.trim()))?.allowanceCredits;
      const each = tokens ?? (allowance || 0);
      await requireProofToGive(context, request, each * codes * uses_per_code);
      const { batch, isReplayed } = await makeVouchers(context, principalOf(request), {
        wanted: {
          name: name.trim(),
          credits: tokens,
          plan: plan?.trim(),
          planDays: days,
          expiresAtMs: expires_at === undefined ? undefined : Date.parse(expires_at),
          codes,
          usesPerCode: uses_per_code,
          usesPerUser: uses_per_user,
        },
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, isReplayed);
      return reply.code(201).send(shown(batch, await namesOf(context, [batch.madeBy])));
    },
  });

  api.get('/api/admin/vouchers/:id/', {
    config: staffWith('vouchers:read'),
    schema: {
      tags,
      security,
      summary: 'Read a batch of vouchers',
      params: BatchPath,
      response: { 200: BatchDetail, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const batch = await batchWith(context, request.params.id);
      const nameOf = await namesOf(context, [batch.madeBy]);
      return { ...shown(batch, nameOf), used_codes: await context.vouchers.usedCodes(batch.id) };
    },
  });

  api.post('/api/admin/vouchers/:id/end/', {
    config: staffWith('vouchers:write'),
    schema: {
      tags,
      security,
      summary: 'End a batch: none of its codes can be redeemed from now on',
      params: BatchPath,
      body: BatchEnd,
      response: { 200: Batch, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { reason } = request.body;
      const batch = await endVouchers(context, principalOf(request), request.params.id, reason);
      return shown(batch, await namesOf(context, [batch.madeBy]));
    },
  });
}

function codeRoutes(api: Api, context: Context): void {
  api.get('/api/admin/vouchers/:id/codes/', {
    config: staffWith('vouchers:write'),
    schema: {
      tags,
      security,
      summary: 'Read, print or download the codes of a batch',
      params: BatchPath,
      querystring: CodesQuery,
      response: {
        200: CodeList,
        409: detailed('The secret key was changed, so the codes are not known any more.'),
        ...NotFound,
        ...READ_ERRORS,
        ...STAFF_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { format, sheet, cursor = '0' } = request.query;
      const principal = principalOf(request);
      const { actor } = principal;
      if (format === 'csv') {
        const batch = await batchToHandOut(context, principal, id);
        return sendCsv(reply, 'vouchers', COLUMNS, sheetRows(context, actor, batch));
      }
      if (sheet !== undefined) {
        const batch = await batchToHandOut(context, principal, id);
        const codes = await Array.fromAsync(allCodes(context, actor, batch.id));
        return { codes: codes.map(shownToPrint), ...nextPage(undefined) };
      }
      const batch = await batchWith(context, id);
      const limit = limitIn(request.query);
      const page = { afterNumber: Number(cursor), limit: rowsForPage(limit) };
      const found = await context.heavyReads.run(actor, () => readCodes(context, batch.id, page));
      const { items, last } = pageOf(found, limit);
      const codes = items.map((it) => ({ ...shownToPrint(it), code: null }));
      return { codes, ...nextPage(last && String(last.number)) };
    },
  });
}

function shown(batch: VoucherBatch, nameOf: (actor: string) => string | null) {
  const isOfPlan = batch.planId !== undefined;
  return {
    id: batch.id,
    name: batch.name,
    tokens: isOfPlan ? null : batch.credits,
    plan: batch.planName ?? null,
    days: isOfPlan ? Math.round(batch.planForMs / DAY_MS) : null,
    expires_at: isoTime(batch.expiresAtMs),
    codes: batch.codes,
    uses_per_code: batch.usesPerCode,
    uses_per_user: batch.usesPerUser,
    redeemed: batch.uses,
    made_by: batch.madeBy,
    made_by_name: nameOf(batch.madeBy),
    created_at: isoTime(batch.createdAtMs),
    ended_at: isoTime(batch.endedAtMs),
  };
}

function shownToPrint({ number, code, uses, redemptions }: ShownVoucher) {
  return {
    number,
    code: code ?? null,
    hint: code?.slice(-HINT) ?? null,
    uses,
    redeemed_by: redemptions.map(({ userId, username, atMs }) => ({
      id: userId,
      username: username ?? null,
      at: isoTime(atMs),
    })),
  };
}

async function* sheetRows(context: Context, reader: string, batch: VoucherBatch) {
  const { tokens, plan, days, expires_at } = shown(batch, () => null);
  for await (const { number, code, uses, redemptions } of allCodes(context, reader, batch.id)) {
    yield {
      number,
      code,
      voucher: batch.name,
      tokens,
      plan,
      days,
      expires_at,
      uses,
      uses_left: batch.usesPerCode - uses,
      redeemed_by: redemptions
        .map(({ username, userId }) => username ?? `user:${userId}`)
        .join(', '),
      redeemed_at: isoTime(redemptions[0]?.atMs),
    };
  }
}
