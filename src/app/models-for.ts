import { ChitError } from '../core/errors.ts';
import type { Model } from '../models/catalogue.ts';
import type { Context } from './context.ts';

/** A model that was asked for, and those that stand in for it. */
export type Candidates = readonly [Model, ...Model[]];

/**
 * The model that a user asks for by name, and those that stand in for it; at once if everyone may
 * use it.
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
  const candidates: Candidates = [model, ...standIns];
  if (model.allow === 'everyone') return candidates;
  return mayUse(context, userId, model).then((isAllowed) => {
    if (!isAllowed) throw refusal();
    return candidates;
  });
}

/** All models that a user may use. */
export async function offeredTo(context: Context, userId: number): Promise<Model[]> {
  const allowed = await Promise.all(
    context.catalogue.all.map((model) => mayUse(context, userId, model)),
  );
  return context.catalogue.all.filter((_, index) => allowed[index]);
}

async function mayUse(context: Context, userId: number, { allow }: Model): Promise<boolean> {
  if (allow === 'everyone') return true;
  const user = await context.users.byId(userId);
  if (!user) return false;
  return allow === 'staff' ? user.isStaff : allow.includes(user.username);
}
