import { ChitError } from '../../core/errors.ts';
import type { PayingAccount } from '../../core/paying-account.ts';
import type { Model } from '../../models/catalogue.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';

/** The requested model, then its fallbacks. */
export type Candidates = readonly [Model, ...Model[]];

/**
 * The model with a name and its fallbacks, as far as the user may use them. Not a promise if they
 * are open to everyone, since this is on the path of every message.
 * @param name undefined for the default model
 * @throws ChitError `model_not_found`, also if the user may not use it
 */
export function modelsFor(
  context: Context,
  userId: number,
  name: string | undefined,
): Candidates | Promise<Candidates> {
  const { catalogue } = context;
  const model = name === undefined ? catalogue.defaultModel : catalogue.find(name);
  const notFound = () => new ChitError('model_not_found', { model: name ?? '' });
  if (!model) throw notFound();
  const fallbacks = model.fallbacks
    .map((it) => catalogue.find(it))
    .filter((it) => it !== undefined);
  const all = [model, ...fallbacks] as const;
  if (all.every(({ allow }) => allow === 'everyone')) return all;
  return allowedFor(context, userId, all).then(([first, ...others]) => {
    if (first !== model) throw notFound();
    return [model, ...others];
  });
}

/**
 * Whether an API key permits a model. A key names models, or aliases, which mean what the catalogue
 * says they mean.
 * @param models of the key; undefined for all
 */
export function keyPermits(
  { catalogue }: Context,
  models: readonly string[] | undefined,
): (name: string) => boolean {
  if (!models) return () => true;
  const permitted = new Set(models.map((it) => catalogue.find(it)));
  return (name) => {
    const model = catalogue.find(name);
    return model !== undefined && permitted.has(model);
  };
}

/**
 * All models that a user may use, and one of the accounts pays for.
 * @param groupId the group whose pool alone pays, if it is so
 */
export async function offeredTo(
  context: Context,
  { id, payers }: Pick<Requester, 'id' | 'payers'>,
  groupId?: string,
): Promise<Model[]> {
  const usable = await allowedFor(context, id, context.catalogue.all);
  if (!payers) return usable;
  const paying = groupId === undefined ? payers : payers.filter((it) => it.groupId === groupId);
  const permits = paying.map((it) => permitsOf(context, it));
  return usable.filter(({ name }) => permits.some((isPaid) => isPaid(name)));
}

/** Whether an account pays for a model, by its name or an alias. */
export function permitsOf(
  context: Context,
  { modelLists }: Pick<PayingAccount, 'modelLists'>,
): (name: string) => boolean {
  const lists = modelLists.map((it) => keyPermits(context, it));
  return (name) => lists.every((permits) => permits(name));
}

/** Of models or tools those that a user may use, in the given order. */
export async function allowedFor<It extends { readonly allow: Model['allow'] }>(
  context: Context,
  userId: number,
  all: readonly It[],
): Promise<It[]> {
  const isForAll = all.every(({ allow }) => allow === 'everyone');
  const user = isForAll ? undefined : await context.users.byId(userId);
  const usable: It[] = [];
  for (const it of all) {
    const { allow } = it;
    if (allow === 'everyone' || (user && (await isAllowed(context, user, allow)))) usable.push(it);
  }
  return usable;
}

function isAllowed(
  { allowedUsers }: Context,
  user: User,
  allow: Exclude<Model['allow'], 'everyone'>,
): boolean | Promise<boolean> {
  return allow === 'staff' ? user.isStaff : allowedUsers.isAllowed(user, allow);
}
