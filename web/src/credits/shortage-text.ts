/** What a message was refused for or would be: what is short, when it renews, and whom to ask. */
import type { ParamsOf } from '../../../src/http/framework/error-schema.ts';
import { type ApiError, hasCode } from '../api/client.ts';
import { limits, payer, shortage } from '../state/limits.ts';
import { whom } from '../state/site.ts';
import { errorText, momentText, number, strings } from '../strings/strings.ts';

/**
 * What keeps the next message from being paid.
 * @param credits what the message costs; undefined if that is not known
 * @param available what can be spent
 */
export function shortageText(credits: number | undefined, available: number): string {
  const { limits: text, ...others } = strings.value;
  const { value: short } = shortage;
  const name = payer.value?.name ?? text.personal;
  const isOnly = (limits.value?.accounts.length ?? 1) < 2;
  if (!short || (short.kind === 'account' && short.renewsAt === null && isOnly)) {
    return available === 0 || credits === undefined
      ? others.nothingLeft(whom.value)
      : others.notEnough(number(credits), number(available), whom.value);
  }
  const isEmpty = available === 0 || credits === undefined;
  const missing = isEmpty
    ? short.kind === 'account'
      ? text.nothingLeftOf(name)
      : text.short[short.kind]
    : others.costsMore(number(credits), number(available));
  const { renewsAt, timeZone } = short;
  const renewal = renewsAt === null ? [] : [text.renewsThen(momentText(renewsAt, timeZone))];
  const other = short.hasOther ? [text.letOtherPay] : [];
  const remedy = short.kind === 'own' ? text.changeOwn : text.askForMore(whom.value);
  return [missing, ...renewal, ...other, remedy].join(' ');
}

/** What a message that was refused for want of tokens needed. */
export function refusedText(error: unknown): string {
  const { limits: text, ...others } = strings.value;
  const isLimit = hasCode(error, 'budget_exceeded');
  if (!isLimit && !hasCode(error, 'insufficient_credits')) return errorText(error);
  const { params } = error as ApiError;
  const { group, renews_at: renewsAt } = (params ?? {}) as Partial<
    ParamsOf<'insufficient_credits'>
  >;
  const missing = isLimit
    ? errorText(error)
    : group
      ? text.tooFewOf(group.name)
      : others.tooFew(whom.value);
  return renewsAt === undefined ? missing : `${missing} ${text.renewsThen(momentText(renewsAt))}`;
}
