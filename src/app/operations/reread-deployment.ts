import type { DeploymentChange } from '../../core/deployment-changes.ts';
import { ChitError } from '../../core/errors.ts';
import { DEFAULT_TOOL_ROUNDS } from '../../core/tools.ts';
import { Catalogue } from '../../models/catalogue.ts';
import { createModels } from '../../models/create-models.ts';
import { DeploymentError } from '../../models/deployment-file/deployment-error.ts';
import { createTools } from '../../models/tools/tool-catalogue.ts';
import type { Context } from '../context.ts';
import { limitsOf } from '../metering/limits-in-force.ts';
import { type AuditEvent, auditEntry, type Principal } from '../principal.ts';
import { type DeploymentFileRead, revisionOf } from './served-deployment.ts';

/** Most changes that an entry of the audit log lists. */
const MAX_AUDITED = 100;

/**
 * Reads `chit.json` again and puts it in force: all of it, or nothing if anything is wrong. Those
 * requests that are running keep their models and prices. Several calls take turns.
 * @param by who asks, for the audit log; undefined for a signal, which the log tells of
 * @param revision of the file that was previewed; undefined for any
 * @throws ChitError `deployment_invalid`, `deployment_changed`; errors of the database
 */
export function rereadDeployment(
  context: Context,
  by: Principal | undefined,
  revision?: string,
): Promise<readonly DeploymentChange[]> {
  return context.deployment.inTurn(async () => {
    const read = await readOrRefuse(context);
    if (revision !== undefined && revision !== revisionOf(read)) {
      throw new ChitError('deployment_changed', undefined);
    }
    return putInForce(context, by, read);
  });
}

async function readOrRefuse({ deployment }: Context): Promise<DeploymentFileRead> {
  try {
    return await deployment.read();
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    const { faults } = error;
    deployment.onReread({ outcome: 'refused', faults });
    throw new ChitError('deployment_invalid', { faults }, { cause: error });
  }
}

async function putInForce(
  context: Context,
  by: Principal | undefined,
  read: DeploymentFileRead,
): Promise<readonly DeploymentChange[]> {
  const { deployment, catalogue, allowedUsers, usageLimits, modelHealth } = context;
  const { models, defaultModel, aliases } = read.deployment;
  const offered = await createModels(read.deployment, {
    connected: catalogue.providers,
    onRest: modelHealth.noteRest,
    onFailure: modelHealth.noteFailure,
  });
  const next = new Catalogue(offered, defaultModel, aliases);
  const { tools = [], toolRounds = DEFAULT_TOOL_ROUNDS } = read.deployment;
  const offeredTools = await createTools(tools, context.tools.all);
  const allowing = [...models, ...tools];
  await allowedUsers.forgetOthers();
  const unresolved = await allowedUsers.resolve(allowing);
  const changes = deployment.changesTo(read);
  if (by) await context.auditLog.add(auditEntry(by, auditEventOf(read, changes)));
  // All of this at once, and nothing of it can fail.
  catalogue.replaceBy(next);
  context.tools.replaceBy(offeredTools, toolRounds);
  allowedUsers.setModels(allowing);
  deployment.setCurrent(read);
  const { limits } = deployment;
  usageLimits.setLimits({ account: limitsOf(limits, 'account'), key: limitsOf(limits, 'key') });
  // Names that could not be forgotten are forgotten when the file is read next.
  await allowedUsers.forgetOthers().catch(() => undefined);
  deployment.onReread({
    outcome: 'reread',
    by: by ? 'staff' : 'signal',
    file: read.file,
    changes,
    unresolved,
  });
  return changes;
}

function auditEventOf(
  { file }: DeploymentFileRead,
  changes: readonly DeploymentChange[],
): AuditEvent {
  const listed = changes.slice(0, MAX_AUDITED);
  const more = changes.length - listed.length;
  const after = Object.fromEntries(listed.map((it) => [it.member, it.after ?? null]));
  return {
    action: 'deployment.reread',
    target: 'deployment',
    before: Object.fromEntries(listed.map((it) => [it.member, it.before ?? null])),
    after: { file: file ?? null, ...after, ...(more > 0 ? { more } : {}) },
  };
}
