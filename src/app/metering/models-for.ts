import { ChitError } from '../../core/errors.ts';
import type { Model } from '../../models/catalogue.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';

/** A model that was asked for, and those that stand in for it. */
export type Candidates = readonly [Model, ...Model[]];

/**
 * The model that a user asks for by name, and those that stand in for it, as far as the user may
 * use them; at once if everyone may.
 * @param name the default model if there is none
 * @throws ChitError `model_not_found`, also if the user may not use it
 */
export function modelsFor(
  context: Context,
  userId: number,
  name: string | undefined,
): Candidates | Promise<Candidates> {
  const { catalogue } = context;
  const model = name === undefined ? catalogue.defaultModel : catalogue.find(name);
  const refusal = () => new ChitError('model_not_found', { model: name ?? '' });
  if (!model) throw refusal();
  const standIns = model.fallbacks.map((it) => catalogue.find(it)).filter((it) => it !== undefined);
  const all = [model, ...standIns] as const;
  if (all.every(({ allow }) => allow === 'everyone')) return all;
  return usableBy(context, userId, all).then(([first, ...others]) => {
    if (first !== model) throw refusal();
    return [model, ...others];
  });
}

/** All models that a user may use. */
export function offeredTo(context: Context, userId: number): Promise<Model[]> {
  return usableBy(context, userId, context.catalogue.all);
}

/** Those among models that a user may use, in the same order. */
async function usableBy(
  context: Context,
  userId: number,
  models: readonly Model[],
): Promise<Model[]> {
  const isForAll = models.every(({ allow }) => allow === 'everyone');
  const user = isForAll ? undefined : await context.users.byId(userId);
  return models.filter(({ allow }) => allow === 'everyone' || (user && isAllowed(user, allow)));
}

function isAllowed({ isStaff, username }: User, allow: Exclude<Model['allow'], 'everyone'>) {
  return allow === 'staff' ? isStaff : allow.includes(username);
}
