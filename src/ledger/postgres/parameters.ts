/** Turns a batch of commands into the parameters of `ledger_apply`. */
import type {
  AssignPlanCommand,
  Audited,
  Command,
  DistributeCommand,
  IdempotencyKey,
  RedeemCommand,
  RenewCommand,
} from '../../core/ledger.ts';
import { priceText } from '../price-text.ts';
import { usageColumns } from '../usage-columns.ts';

type Kind = Command['kind'];
/** The kinds that have a list of their own; the others share one. */
type ListKind = Exclude<Kind, 'assign_plan' | 'renew' | 'redeem'> | 'plan';

const LIST_OF: Readonly<Partial<Record<Kind, ListKind>>> = {
  assign_plan: 'plan',
  renew: 'plan',
  redeem: 'plan',
};

/** In the order of the function's parameters. */
const LISTS: readonly ListKind[] = [
  'open',
  'grant',
  'distribute',
  'refund',
  'plan',
  'journal',
  'settle',
  'release',
  'hold',
];

/**
 * The parameters of `ledger_apply`: the ids of all accounts of the batch, then for each list its
 * commands as a JSON array, or null if there are none.
 */
export function parametersOf(commands: readonly Command[]): unknown[] {
  const accountIds = new Set<number>();
  const byKind = new Map<ListKind, object[]>();
  for (const [index, command] of commands.entries()) {
    for (const id of accountsOf(command)) accountIds.add(id);
    const kind = LIST_OF[command.kind] ?? (command.kind as ListKind);
    const list = byKind.get(kind);
    const item = { batch_index: index, ...fieldsOf(command) };
    if (list) list.push(item);
    else byKind.set(kind, [item]);
  }
  const lists = LISTS.map((kind) => {
    const list = byKind.get(kind);
    return list ? JSON.stringify(list) : null;
  });
  return [[...accountIds], ...lists];
}

/**
 * The accounts that a command may change, with that of its user. The account of a refund is that of
 * its charge, which the database looks up.
 */
function accountsOf(command: Command): readonly number[] {
  switch (command.kind) {
    case 'refund':
      return [];
    case 'distribute':
      return command.entries.map(({ accountId }) => accountId);
    case 'renew':
      return command.accountIds;
    case 'hold': {
      const { accountId, payers } = command;
      return payers ? [accountId, ...payers.map((it) => it.accountId)] : [accountId];
    }
    case 'settle':
    case 'release': {
      const { accountId, payerId } = command;
      return payerId === undefined ? [accountId] : [accountId, payerId];
    }
    default:
      return [command.accountId];
  }
}

function fieldsOf(command: Command): object {
  switch (command.kind) {
    case 'open':
      return {
        account_id: command.accountId,
        username: command.user.username,
        password_hash: command.user.passwordHash,
        is_staff: command.user.isStaff ? 1 : 0,
        is_superuser: command.user.isSuperuser ? 1 : 0,
        transfer_id: command.openingTransferId,
        credits: command.openingCredits,
        ...keyFields(command.idempotency),
        audit: auditRows(command.audit),
        at: command.atMs,
      };
    case 'grant':
      return {
        id: command.transferId,
        account_id: command.accountId,
        credits: command.credits,
        actor: command.actor,
        reason: command.reason,
        ...keyFields(command.idempotency),
        audit: auditRows(command.audit),
        at: command.atMs,
      };
    case 'distribute':
      return distributionFields(command);
    case 'refund':
      return {
        id: command.transferId,
        charge_id: command.chargeId,
        actor: command.actor,
        reason: command.reason,
        audit: auditRows(command.audit),
        at: command.atMs,
      };
    case 'assign_plan':
    case 'renew':
    case 'redeem':
      return planFields(command);
    case 'journal':
      return {
        id: command.generationId,
        account_id: command.accountId,
        piece: command.piece,
        piece_text: command.text,
        piece_non_reply_output: command.nonReplyOutput,
      };
    case 'hold':
      return {
        id: command.generationId,
        account_id: command.accountId,
        payers: command.payers?.map(({ accountId, groupId }) => ({
          account_id: accountId,
          group_id: groupId,
        })),
        most: command.mostCredits,
        least: command.leastCredits,
        lease_id: command.leaseId,
        api_key_id: command.apiKeyId,
        model: command.model,
        price: priceText(command.price),
        input_tokens: command.inputTokens,
        content: command.content,
        conversation_id: command.conversationId,
        parent_id: command.parentId,
        ...keyFields(command.idempotency),
        at: command.atMs,
      };
    default:
      return endFields(command);
  }
}

function planFields(command: AssignPlanCommand | RenewCommand | RedeemCommand): object {
  switch (command.kind) {
    case 'assign_plan':
      return {
        kind: command.kind,
        account_id: command.accountId,
        plan_id: command.planId,
        starts: command.from,
        ends_at: command.endsAtMs,
        allowance_id: command.allowanceId,
        expiry_id: command.expiryId,
        actor: command.actor,
        audit: auditRows(command.audit),
        at: command.atMs,
      };
    case 'renew':
      return { kind: command.kind, account_ids: command.accountIds, at: command.atMs };
    case 'redeem':
      return {
        kind: command.kind,
        code_hash: command.codeHash,
        account_id: command.accountId,
        redemption_id: command.redemptionId,
        expiry_id: command.expiryId,
        actor: command.actor,
        audit: auditRows(command.audit),
        at: command.atMs,
      };
  }
}

function distributionFields(command: DistributeCommand): object {
  return {
    entries: command.entries.map(({ transferId, accountId, credits, takesOnlyLasting }, index) => ({
      entry_index: index,
      id: transferId,
      account_id: accountId,
      credits,
      only_lasting: takesOnlyLasting,
    })),
    actor: command.actor,
    reason: command.reason,
    ...keyFields(command.idempotency),
    audit: auditRows(command.audit),
    at: command.atMs,
  };
}

function endFields(command: Extract<Command, { kind: 'settle' | 'release' }>): object {
  if (command.kind === 'release') {
    return {
      id: command.generationId,
      account_id: command.accountId,
      reason: command.reason,
      at: command.atMs,
    };
  }
  const columns = usageColumns(command.usage, command.unpriced);
  return {
    id: command.generationId,
    account_id: command.accountId,
    cost: command.costCredits,
    usage_input: columns.input,
    usage_cached_input: columns.cachedInput,
    usage_output: columns.output,
    usage: columns.usage,
    unpriced: columns.unpriced,
    usage_source: command.usageSource,
    charged_model: command.charged?.model,
    charged_price: command.charged && priceText(command.charged.price),
    reply: command.reply,
    thinking: command.thinking?.text,
    thinking_ms: command.thinking?.ms,
    thinking_tokens: command.thinking?.tokens,
    status: command.status,
    failure: command.failure,
    response_type: command.response?.contentType,
    response_body: command.response?.body,
    at: command.atMs,
  };
}

function keyFields(idempotency: IdempotencyKey | undefined): object {
  return idempotency ? { key: idempotency.key, body_hash: idempotency.bodyHash } : {};
}

function auditRows(entries: Audited): object[] | undefined {
  return entries?.map(({ id, atMs, actor, address, action, target, reason, before, after }) => ({
    id,
    at: atMs,
    actor,
    address,
    action,
    target,
    reason,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
  }));
}
