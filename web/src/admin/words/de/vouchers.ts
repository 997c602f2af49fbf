import type { enVouchers } from '../en/vouchers.ts';
import { counted, number, tokens } from './plurals.ts';

/** Texts about vouchers, in German. */
export const deVouchers: typeof enVouchers = {
  vouchers: 'Gutscheine',
  vouchersText:
    'Codes, die man auf der eigenen Kontoseite einlöst. Ein Code gibt Token oder für einige Tage ' +
    'einen Tarif.',
  voucherNew: 'Neue Gutscheine',
  voucherNone: 'Es gibt noch keine Gutscheine.',
  voucherName: 'Name',
  voucherNameHint: 'Steht in Kontoauszügen und auf dem Bogen',
  voucherKind: 'Jeder Code gibt',
  voucherOfTokens: 'Token',
  voucherOfPlan: 'Einen Tarif für einige Tage',
  voucherTokens: 'Anzahl der Token',
  voucherPlan: 'Tarif',
  voucherDays: 'Tage',
  voucherCodes: 'Codes',
  voucherCount: 'Wie viele Codes (bis 10.000)',
  voucherLastDay: 'Letzter Tag (optional)',
  voucherUsesPerCode: 'Wie oft sich jeder Code einlösen lässt',
  voucherUsesPerUser: 'Wie viele davon eine Person einlösen kann',
  voucherMake: 'Gutscheine erstellen',
  voucherMade: (codes) => `${counted(codes, 'Code', 'Codes')} erstellt.`,
  voucherUnknownOutcome:
    'Der Server hat nicht geantwortet, deshalb ist nicht bekannt, ob die Gutscheine erstellt ' +
    'wurden. Versuche es erneut: Dieselben Gutscheine werden nur einmal erstellt.',
  voucherGives: 'Gibt',
  voucherGivesTokens: tokens,
  voucherGivesPlan: (plan, days) => `${plan} für ${counted(days, 'Tag', 'Tage')}`,
  voucherExpires: 'Gültig bis',
  voucherNeverExpires: 'unbegrenzt',
  voucherRedeemed: 'Eingelöst',
  voucherUsed: 'Benutzte Codes',
  voucherUsedOf: (used, codes) => `${number(used)} von ${number(codes)}`,
  voucherState: 'Status',
  voucherOpen: 'offen',
  voucherExpired: 'abgelaufen',
  voucherEnded: 'beendet',
  voucherLimits: 'Einlösbar',
  voucherLimitsText: (perCode, perUser) =>
    `${number(perCode)}-mal pro Code, ${number(perUser)}-mal pro Person`,
  voucherMadeBy: 'Erstellt',
  voucherMadeText: (when, name) => `${when} von ${name}`,
  voucherSheet: 'Bogen zum Drucken',
  voucherPrint: 'Drucken',
  voucherBack: 'Zurück zu den Gutscheinen',
  voucherEnd: 'Gutscheine beenden',
  voucherEndTitle: (name) => `„${name}“ beenden?`,
  voucherEndText: (left) =>
    left === 1
      ? '1 unbenutzter Code lässt sich dann nicht mehr einlösen. Was eingelöst ist, bleibt.'
      : `${number(left)} unbenutzte Codes lassen sich dann nicht mehr einlösen. Was eingelöst ` +
        'ist, bleibt.',
  voucherEndDone: 'Diese Codes lassen sich nicht mehr einlösen.',
  voucherNumber: 'Nr.',
  voucherHint: 'Code endet auf',
  voucherUses: 'Eingelöst',
  voucherBy: 'Von',
  voucherNotFound: 'Gutscheine nicht gefunden',
  voucherNotFoundText: (id) => `Gutscheine mit der ID ${id} gibt es nicht.`,
  voucherSheetText: (shown, used) =>
    used === 0
      ? `${counted(shown, 'Code', 'Codes')}.`
      : `${counted(shown, 'Code', 'Codes')}; schon verbraucht, fehlen hier: ${number(used)}.`,
  voucherHow: (site) => `Auf ${site} anmelden, „Konto“ öffnen und diesen Code einlösen.`,
  voucherValidUntil: (when) => `Gültig bis ${when}`,
};
