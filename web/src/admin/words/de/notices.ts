import type { enNotices } from '../en/notices.ts';
import { counted } from './plurals.ts';

/** Texts about mail and webhooks, in German. */
export const deNotices: typeof enNotices = {
  webhooks: 'Webhooks',
  webhooksText:
    'Andere Programme erfahren, was hier geschieht: Jedes Ereignis wird als signiertes JSON ' +
    'gesendet und einen Tag lang wiederholt, falls es nicht ankommt.',
  webhookNone: 'Es gibt noch keine Webhooks.',
  webhookNew: 'Neuer Webhook',
  webhookName: 'Name',
  webhookUrl: 'Adresse (URL)',
  webhookUrlHint: 'Beginnt mit https:// und liegt in keinem privaten Netz.',
  webhookUrlHintPrivate: 'Darf auch in einem privaten Netz liegen.',
  webhookKinds: 'Ereignisse',
  webhookState: 'Status',
  webhookIsOn: 'Ereignisse senden',
  webhookOn: 'An',
  webhookOff: 'Aus',
  webhookOffGone: 'Aus: Empfänger gibt es nicht mehr',
  webhookTurnedOff: (when) =>
    `Der Empfänger hat am ${when} geantwortet, dass es ihn nicht mehr gibt (410). Der Webhook ` +
    'ist deshalb ausgeschaltet. Prüfe die Adresse, bevor du ihn wieder einschaltest.',
  webhookCreate: 'Webhook erstellen',
  webhookCreated: 'Der Webhook wurde erstellt.',
  webhookSaved: 'Der Webhook wurde gespeichert.',
  webhookSecret: 'Das Geheimnis, mit dem Ereignisse signiert werden. Es wird nur jetzt angezeigt:',
  webhookRenew: 'Geheimnis erneuern',
  webhookRenewText:
    'Einen Tag lang werden Ereignisse mit beiden Geheimnissen signiert, damit keines verloren ' +
    'geht.',
  webhookEarlier: (until) => `Das bisherige Geheimnis gilt noch bis ${until}.`,
  webhookTest: 'Testereignis senden',
  webhookTested: 'Ein Testereignis ist unterwegs. Sein Status steht in der Liste unten.',
  webhookDelete: 'Webhook löschen',
  webhookDeleteText:
    'Noch nicht gesendete Ereignisse werden verworfen, und die Liste unten wird gelöscht.',
  webhookDeleted: 'Der Webhook wurde gelöscht.',
  webhookGone: 'Diesen Webhook gibt es nicht mehr.',
  webhookAll: 'Alle Webhooks',
  deliveries: 'Ereignisse der letzten 90 Tage',
  deliveryNone: 'Es wurde noch nichts gesendet.',
  deliveryKind: 'Ereignis',
  deliveryAttempts: 'Versuche',
  deliveryAnswer: 'Letzte Antwort',
  deliveryWhen: 'Eingereiht',
  deliveryStates: { waiting: 'Wartet', sent: 'Gesendet', failed: 'Fehlgeschlagen' },
  deliveryNext: (when) => `Nächster Versuch: ${when}`,
  deliveryAgain: 'Erneut senden',
  deliveryQueued: 'Das Ereignis wird erneut gesendet.',
  eventKinds: {
    'provider.failing': 'Ein Modell antwortet nicht',
    'fallback.used': 'Ein Ersatzmodell hat geantwortet',
    'usage.unpriced': 'Nutzung ohne Preis',
    'charge.shortfall': 'Eine Abbuchung überstieg ein Guthaben',
    'balance.low': 'Ein Guthaben ist niedrig',
    'pool.low': 'Ein Gruppenkonto ist niedrig',
    'allowance.used_up': 'Ein Kontingent ist aufgebraucht',
    'user.signed_up': 'Jemand hat sich registriert',
    'disk.nearly_full': 'Ein Datenträger ist fast voll',
    'backup.failed': 'Eine Sicherung ist fehlgeschlagen',
    'webhook.test': 'Testereignis',
    'sign_in.new': 'Neue Anmeldung',
    'password.new': 'Neues Passwort',
    'password_link.new': 'Passwort-Link',
    'password.forgotten': 'Passwort vergessen',
    'key.new': 'Neuer Schlüssel',
    'factor.changed': 'Zweiter Faktor geändert',
    'identity.new': 'Konto verbunden',
    'identity.removed': 'Konto getrennt',
    'email.changed': 'Adresse geändert',
    'email.verify': 'Adresse bestätigen',
    invitation: 'Einladung',
    'allowance.renewed': 'Neues Kontingent',
  },

  mail: 'E-Mail',
  mailOff:
    'Diese Seite verschickt keine E-Mails. Mit CHIT_SMTP_URL, CHIT_MAIL_FROM und CHIT_PUBLIC_URL ' +
    'schaltest du sie ein.',
  mailSentBy: (from, server) => `E-Mails kommen von ${from} und gehen über ${server}.`,
  mailNoneWaiting: 'Keine E-Mail wartet.',
  mailWaiting: (count, since) =>
    `${counted(count, 'E-Mail wartet', 'E-Mails warten')}, die älteste seit ${since}.`,
  mailTest: 'Test-E-Mail an mich senden',
  mailTested: (email, answer) =>
    `Der Server hat die E-Mail an ${email} angenommen und geantwortet: ${answer}`,
  mailNoAddress: 'Gib zuerst auf deiner Kontoseite eine Adresse an. Dorthin geht die Test-E-Mail.',
  mailFailed: 'Nicht zugestellte E-Mails',
  mailNoneFound: 'Keine solche E-Mail.',
  mailKind: 'Art',
  mailAnyKind: 'Alle',
  mailUser: 'Konto',
  mailQueued: 'Die E-Mail wird erneut gesendet.',
  mailAgainAll: 'Alle erneut senden',
  mailAgainText:
    'Alle nicht zugestellten E-Mails dieser Liste werden erneut gesendet und einen weiteren Tag ' +
    'lang versucht, außer denen, deren Link abgelaufen ist oder die niemand mehr möchte.',
  mailAllQueued: (queued, left) =>
    `Erneut gesendet: ${counted(queued, 'E-Mail', 'E-Mails')}.` +
    (left === 0 ? '' : ` Nicht erneut gesendet: ${counted(left, 'E-Mail', 'E-Mails')}.`),
  mailObstacles: {
    link_over: 'Link abgelaufen',
    no_address: 'Keine Adresse mehr',
    not_wanted: 'Nicht mehr gewünscht',
  },
  mailProblems: {
    unknown_host: 'Es gibt keinen Mailserver mit diesem Namen. Prüfe CHIT_SMTP_URL.',
    no_connection:
      'Der Mailserver ist nicht zu erreichen. Prüfe seinen Namen und seinen Port in ' +
      'CHIT_SMTP_URL und die Firewall.',
    no_answer:
      'Der Mailserver antwortet nicht. Prüfe seinen Port in CHIT_SMTP_URL und die Firewall.',
    tls:
      'Die Verbindung ließ sich nicht verschlüsseln. Prüfe, ob der Port für smtps:// oder ' +
      'smtp:// ist, und das Zertifikat des Servers.',
    sign_in: 'Der Mailserver akzeptiert Benutzer und Passwort in CHIT_SMTP_URL nicht.',
    sender: 'Der Mailserver nimmt keine E-Mails von der Adresse in CHIT_MAIL_FROM an.',
    recipient: 'Der Mailserver nimmt keine E-Mails an deine Adresse an.',
    other: 'Der Mailserver hat die E-Mail nicht angenommen.',
  },
  mailNoneFailed: 'In den letzten 90 Tagen wurde jede E-Mail zugestellt.',
  mailWhy: 'Grund',
  mailEnded: 'Letzter Versuch',
};
