/** Turns a batch of commands into the parameters of `ledger_apply`. */
import type { Audited, Command, DistributeCommand, IdempotencyKey } from '../../core/ledger.ts';
import { priceText } from '../price-text.ts';
import { usageColumns } from '../usage-columns.ts';

type Kind = Command['kind'];

/** In the order of the function's parameters. */
const KINDS: readonly Kind[] = [
  'open',
  'grant',
  'distribute',
  'refund',
  'journal',
  'settle',
  'release',
  'hold',
];

/**
 * The parameters of `ledger_apply`: the ids of all accounts of the batch, then for each kind its
 * commands as a JSON array, or null if there are none.
 */
export function parametersOf(commands: readonly Command[]): unknown[] {
  const accountIds = new Set<number>();
  const byKind = new Map<Kind, object[]>();
  for (const [index, command] of commands.entries()) {
    for (const id of accountsOf(command)) accountIds.add(id);
    const list = byKind.get(command.kind);
    const item = { batch_index: index, ...fieldsOf(command) };
    if (list) list.push(item);
    else byKind.set(command.kind, [item]);
  }
  const lists = KINDS.map((kind) => {
    const list = byKind.get(kind);
    return list ? JSON.stringify(list) : null;
  });
  return [[...accountIds], ...lists];
}

/** The account of a refund is that of its charge, which the database looks up. */
function accountsOf(command: Command): number[] {
  if (command.kind === 'refund') return [];
  if (command.kind === 'distribute') return command.entries.map(({ accountId }) => accountId);
  return [command.accountId];
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

function distributionFields(command: DistributeCommand): object {
  return {
    entries: command.entries.map(({ transferId, accountId, credits }, index) => ({
      entry_index: index,
      id: transferId,
      account_id: accountId,
      credits,
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
