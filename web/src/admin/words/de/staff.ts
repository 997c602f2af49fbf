import type { LoggedPeriod } from '../../staff/logged-period.ts';
import type { enStaff } from '../en/staff.ts';
import { counted, tokens as tokensText } from './plurals.ts';

function everyHours(hours: number): string {
  return hours === 1 ? 'jede Stunde' : `alle ${hours} Stunden`;
}

function renewalPeriod(period: LoggedPeriod): string {
  switch (period.kind) {
    case 'hours':
      return everyHours(period.hours);
    case 'day':
      return 'jeden Tag';
    case 'week':
      return `jede Woche am ${period.weekday}`;
    case 'month':
      return period.day === 31 ? 'am letzten Tag jedes Monats' : `am ${period.day}. jedes Monats`;
    case 'term': {
      const terms = counted(period.terms, 'Zeitraum', 'Zeiträume');
      return `${terms} vom ${period.first} bis zum ${period.last}`;
    }
    default:
      return 'nie';
  }
}

function limitPeriod(period: LoggedPeriod): string {
  switch (period.kind) {
    case 'hours':
      return `${everyHours(period.hours)} ab der ersten Nutzung`;
    case 'day':
      return 'pro Tag';
    case 'week':
      return `pro Woche ab ${period.weekday}`;
    case 'month':
      return period.day === 31 ? 'pro Monat ab dem letzten Tag' : `pro Monat ab dem ${period.day}.`;
    case 'term':
      return `pro Zeitraum, ${period.first} bis ${period.last}`;
    default:
      return 'insgesamt';
  }
}

/** Texts about what staff do, in German. */
export const deStaff: typeof enStaff = {
  chatsOff:
    'Das Team kann hier keine Chats ansehen. CHIT_STAFF_READS_CHATS=1 würde es erlauben; dann ' +
    'steht es für alle auf der Kontoseite.',
  chatsText: 'Jede Suche wird mit deinem Namen und diesem Grund im Protokoll vermerkt.',
  reasonRequired: 'Grund (erforderlich)',
  searchText: 'Text von Nachrichten oder Antworten (optional)',
  userOptional: 'Benutzername (optional)',
  viewChats: 'Chats ansehen',
  searchChanged: 'Die Suche wurde geändert. Sieh die Chats erneut an, um die Treffer zu sehen.',
  noChats: 'Keine Chats gefunden.',
  answer: 'Antwort',

  actor: 'Wer',
  action: 'Aktion',
  target: 'Ziel',
  change: 'Änderung',
  address: 'IP-Adresse',
  actorFilter: 'Wer: Benutzername oder cli:root',
  targetFilter: 'Ziel: Benutzername',
  anyAction: 'Jede Aktion',
  reasonContains: 'Grund enthält',
  noEntries: 'Keine passenden Einträge.',
  auditActions: {
    'user.create': 'Konto erstellt',
    'user.change': 'Konto geändert',
    'user.delete': 'Konto gelöscht',
    'user.factor': 'Zweiten Faktor geändert',
    'user.reset_factors': 'Zweite Faktoren entfernt',
    'user.password_link': 'Passwort-Link erstellt',
    'user.password': 'Passwort gesetzt',
    'user.end_sessions': 'Überall abgemeldet',
    'user.end_key': 'API-Schlüssel widerrufen',
    'user.identity': 'Anmeldedienst verbunden',
    'user.untie': 'Anmeldedienst getrennt',
    'user.limit': 'Limit gesetzt oder aufgehoben',
    'user.token_reuse': 'Kopiertes Anmelde-Token benutzt: Sitzung beendet',
    'user.plan': 'Tarif eines Kontos geändert',
    'group.plan': 'Tarif eines Gruppenkontos geändert',
    'plan.create': 'Tarif erstellt',
    'plan.change': 'Tarif geändert',
    'plan.end': 'Tarif beendet',
    'credits.grant': 'Token hinzugefügt oder abgezogen',
    'credits.refund': 'Nachricht erstattet',
    'group.create': 'Gruppe erstellt',
    'group.change': 'Gruppe geändert',
    'group.end': 'Gruppe beendet',
    'group.add_member': 'In eine Gruppe aufgenommen',
    'group.remove_member': 'Aus einer Gruppe entfernt',
    'group.set_manager': 'Gruppenleitung geändert',
    'group.give': 'Token vom Gruppenkonto verteilt',
    'group.budget': 'Limit einer Gruppe geändert',
    'group.member_budget': 'Limit eines Mitglieds geändert',
    'prompt.share': 'Prompt geteilt',
    'prompt.change': 'Geteilten Prompt geändert',
    'prompt.end': 'Geteilten Prompt gelöscht',
    'chats.read': 'Chats angesehen',
    'audit.export': 'Protokoll heruntergeladen',
    'setup.link': 'Einrichtungslink erstellt',
    'setup.superuser': 'Ersten Superuser erstellt',
    'import.django': 'Aus Django importiert',
    'deployment.reread': 'Konfigurationsdatei neu gelesen',
    'voucher.create': 'Gutscheine erstellt',
    'voucher.codes': 'Gutscheincodes gedruckt oder heruntergeladen',
    'voucher.end': 'Gutscheine beendet',
    'user.import': 'Aus Datei importiert',
    'user.directory': 'Von einem Verzeichnis geändert',
    'scim_token.create': 'SCIM-Token erstellt',
    'scim_token.end': 'SCIM-Token widerrufen',
    'user.export': 'Daten exportiert',
    'invitation.create': 'Leute eingeladen',
    'invitation.codes': 'Einladungscodes gedruckt oder kopiert',
    'invitation.send': 'Einladungen verschickt',
    'invitation.extend': 'Einladungen verlängert',
    'invitation.end': 'Einladungen zurückgezogen',
    'invitation.accept': 'Einladung angenommen',
    'backup.make': 'Sicherung erstellt',
    'webhook.create': 'Webhook erstellt',
    'webhook.change': 'Webhook geändert',
    'webhook.secret': 'Webhook: neues Geheimnis',
    'webhook.end': 'Webhook gelöscht',
    'mail.test': 'Test-E-Mail gesendet',
    'sign_in.try': 'Anmeldung ausprobiert',
    'mail.resend': 'E-Mail erneut gesendet',
    'key.create': 'Admin-Schlüssel erstellt',
    'key.end': 'Admin-Schlüssel widerrufen',
    'site.change': 'Erscheinungsbild geändert',
  },
  facts: {
    provider: 'Anmeldedienst',
    ldap: 'LDAP-Verzeichnis',
    name: 'Name',
    calendar: 'Erneuerung',
    windows: 'Limits',
    models: 'Modelle',
    requests_per_minute: 'Anfragen pro Minute',
    usage_per_minute: 'Modell-Token pro Minute',
    plan: 'Tarif',
    ends_at: 'bis',
    accounts: 'Konten',
    replaced_by: 'ersetzt durch',
    is_active: 'aktiv',
    is_staff: 'Team',
    is_superuser: 'Superuser',
    goes_on: 'nächste Seite',
    actor: 'wer',
    target: 'Ziel',
    from: 'von',
    takes_effect: 'gilt',
    to: 'bis',
    action: 'Aktion',
    search: 'Suche',
    link_made_by: 'Link von',
    link_made_at: 'Link erstellt',
    is_first: 'erstes Passwort',
    limit: 'Limit',
    window: 'Zeitraum',
    tokens: 'Token',
    balance: 'Guthaben',
    scopes: 'Rechte',
    accent: 'Akzentfarbe',
    logo: 'Logo',
    welcome_en: 'Begrüßung (englisch)',
    welcome_de: 'Begrüßung (deutsch)',
    starters_en: 'Einstiege (englisch)',
    starters_de: 'Einstiege (deutsch)',
    terms_url: 'Nutzungsbedingungen',
    privacy_url: 'Datenschutz',
    contact: 'Ansprechpartner',
    key: 'API-Schlüssel',
    keys: 'API-Schlüssel',
    charge: 'Buchung',
    users: 'Konten',
    superusers: 'Superuser',
    chats: 'Chats',
    file: 'Datei',
    host: 'Rechner',
    is_manager: 'Gruppenleitung',
    group_name: 'Gruppe',
    pool: 'mit Gruppenkonto',
    more: 'weitere',
    codes: 'Codes',
    people: 'Personen',
    plans: 'Tarife',
    joins: 'Gruppenmitglieder',
    user: 'Konto',
    invitation: 'Einladung',
    invited_by: 'eingeladen von',
    days: 'Tage',
    expires_at: 'gültig bis',
    uses_per_code: 'Einlösungen pro Code',
    uses_per_user: 'Einlösungen pro Konto',
    redeemed: 'eingelöst',
    group: 'Gruppe',
    joined: 'Gruppenbeitritte',
    stopped_at: 'abgebrochen in Zeile',
  },
  targets: {
    audit_log: 'Protokoll',
    site: 'Website',
    chats: 'alle Chats',
    // With a soft hyphen: its column is narrow.
    deployment: 'Konfigurations\u{AD}datei',
  },
  renewalPeriod,
  limitPeriod,
  limitOver: (tokens, period) => `${tokensText(tokens)} ${period}`,
  fromWhen: { now: 'sofort', renewal: 'ab der nächsten Erneuerung' },
  things: {
    voucher: 'Gutscheine',
    invitation: 'Einladung',
    webhook: 'Webhook',
    scim_token: 'SCIM-Token',
    prompt: 'Prompt',
  },
  thing: (kind, end) => `${kind} …\u2060${end}`,
  charge: (end) => `Buchung …${end}`,
  yes: 'ja',
  no: 'nein',
  none: 'nichts',
};
