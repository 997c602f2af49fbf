import { ChitError } from '../core/errors.ts';
import type { Model } from '../models/catalogue.ts';
import type { Context } from './context.ts';

/**
 * The model that a user asks for by name, and those that stand in for it.
 * @param name the default model if there is none
 * @throws ChitError `model_not_found`, also if the user may not use it
 */
export async function modelsFor(
  context: Context,
  userId: number,
  name: string | undefined,
): Promise<[Model, ...Model[]]> {
  const { catalogue } = context;
  const model = name === undefined ? catalogue.defaultModel : catalogue.find(name);
  if (!model || !(await mayUse(context, userId, model))) {
    throw new ChitError('model_not_found', { model: name ?? '' });
  }
  const standIns = model.fallbacks.map((it) => catalogue.find(it)).filter((it) => it !== undefined);
  return [model, ...standIns];
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
