/** What keeps the next message from being paid, when it renews, and whom to ask. */
import { limits, payer, shortage } from '../state/limits.ts';
import { whom } from '../state/site.ts';
import { momentText, number, strings } from '../strings/strings.ts';

/**
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
  const renewal = short.renewsAt === null ? [] : [text.renewsThen(momentText(short.renewsAt))];
  const other = short.hasOther ? [text.letOtherPay] : [];
  const remedy = short.kind === 'own' ? text.changeOwn : text.askForMore(whom.value);
  return [missing, ...renewal, ...other, remedy].join(' ');
}
