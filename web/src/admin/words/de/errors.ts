import type { enErrors } from '../en/errors.ts';
import { deNotices } from './notices.ts';
import { accounts, counted, number } from './plurals.ts';

const STEPS: Readonly<Record<string, string>> = { hour: 'Stunden', day: 'Tagen', month: 'Monaten' };

/** Why the server refuses something, by code, in German. */
export const deErrors: typeof enErrors = {
  errors: {
    user_unknown: 'Dieses Konto gibt es nicht mehr.',
    own_account: 'Mit dem eigenen Konto geht das nicht. Bitte einen anderen Superuser darum.',
    last_superuser: 'Das ist der einzige Superuser. Mach zuerst jemand anderen zum Superuser.',
    directory_password: 'Das Passwort prüft das Verzeichnis. Es wird dort geändert.',
    account_busy: 'Für dieses Konto läuft noch eine Antwort. Bitte versuche es gleich erneut.',
    balance_limit: 'Das Guthaben würde den Höchstwert überschreiten.',
    grants_refused: ({ refused }) =>
      `Nichts wurde gebucht: ${accounts(refused)} ${refused === 1 ? 'lässt' : 'lassen'} sich so ` +
      'nicht ändern. Die Vorschau zeigt den Grund.',
    chats_hidden: 'Das Team kann hier keine Chats ansehen. CHIT_STAFF_READS_CHATS=1 erlaubt es.',
    plan_not_found: 'Diesen Tarif gibt es nicht mehr.',
    plan_name_taken: 'Ein anderer Tarif heißt schon so.',
    plan_ended: 'Dieser Tarif ist beendet.',
    transfer_not_found: 'Diese Buchung gibt es nicht.',
    not_refundable: 'Nur berechnete Nachrichten können erstattet werden.',
    refunded_already: 'Das wurde bereits erstattet.',
    deployment_invalid: ({ faults }) =>
      `Nichts wurde geändert: Die Datei hat ${counted(faults, 'Fehler', 'Fehler')}. ` +
      'Prüfe sie erneut, um mehr zu erfahren.',
    deployment_changed:
      'Nichts wurde geändert: Die Datei hat sich seit deiner Prüfung geändert. ' +
      'Prüfe sie erneut.',
    import_refused: ({ faults }) =>
      `Nichts wurde importiert: Die Datei hat ${counted(faults, 'Fehler', 'Fehler')}. Prüfe sie ` +
      'noch einmal, um sie zu sehen.',
    import_changed:
      'Nichts wurde importiert: Das Ergebnis wäre ein anderes als in der Vorschau. ' +
      'Prüfe die Datei erneut.',
    voucher_batch_not_found: 'Diese Gutscheine gibt es nicht.',
    voucher_codes_lost:
      'Die Codes lassen sich nicht mehr anzeigen: Der Server hat nicht mehr den geheimen ' +
      'Schlüssel, mit dem sie erstellt wurden. Ausgegebene Codes gelten weiter. Brauchst du ' +
      'mehr, erstelle neue Gutscheine.',
    trial_not_found: 'Diese Probe ist vorbei oder gehört dir nicht. Probiere es noch einmal.',
    directory_not_set:
      'chit.json nennt kein Verzeichnis. Ergänze „ldap“ und setze die Datei in Kraft.',
    appearance_changed:
      'Nichts wurde gespeichert: Jemand anderes hat das Erscheinungsbild geändert. ' +
      'Lade die Seite neu.',
    webhook_not_found: 'Diesen Webhook gibt es nicht mehr.',
    too_many_webhooks: ({ max }) =>
      `Es kann höchstens ${counted(max, 'Webhook', 'Webhooks')} geben. Lösche zuerst einen.`,
    delivery_not_found: 'Das ist nicht mehr gespeichert oder wird schon erneut gesendet.',
    email_missing: 'Gib zuerst auf deiner Kontoseite eine E-Mail-Adresse an und bestätige sie.',
    mail_failed: ({ reason, problem }) => `${deNotices.mailProblems[problem]} (${reason})`,
    mail_not_repeated: ({ obstacle }) =>
      `Die E-Mail wird nicht erneut gesendet. ${deNotices.mailObstacles[obstacle]}.`,
    admin_key_not_found: 'Dieser Admin-Schlüssel wurde schon widerrufen.',
    too_many_admin_keys: ({ max }) =>
      `Du kannst höchstens ${counted(max, 'Admin-Schlüssel', 'Admin-Schlüssel')} haben. ` +
      'Widerrufe einen, der nicht mehr gebraucht wird.',
    backup_running: 'Es wird bereits eine Sicherung erstellt.',
    scim_token_not_found: 'Dieses SCIM-Token gibt es nicht mehr.',
    scim_token_name_taken: 'Ein anderes SCIM-Token hat diesen Namen. Wähle einen anderen.',
    backup_impossible:
      'Dieser Server kann keine Sicherungen erstellen. Warum, steht auf der Seite.',
    group_not_found: 'Diese Gruppe gibt es nicht mehr.',
    group_name_taken: 'Eine andere Gruppe heißt schon so.',
    group_ended: 'Diese Gruppe ist beendet.',
    group_without_pool: 'Diese Gruppe hat kein Gruppenkonto.',
    group_member_not_found: 'Dieses Konto ist nicht mehr in der Gruppe.',
    users_unknown: ({ users, count }) =>
      `Nichts wurde geändert. Unbekannt: ${named(users, count)}.`,
    not_members: ({ count }) =>
      `Nichts wurde verteilt: ${counted(count, 'Konto ist', 'Konten sind')} nicht mehr in der ` +
      'Gruppe.',
    pool_insufficient: ({ needed }) =>
      `Nichts wurde verteilt: Vom Gruppenkonto lassen sich weniger als ${number(needed)} Token ` +
      'verteilen.',
    gift_to_oneself:
      'Nichts wurde verteilt: Dir selbst kannst du keine Token geben. Bitte die Verwaltung darum.',
    budget_not_found: 'Dieses Limit gibt es nicht mehr.',
    too_many_budgets: ({ max }) =>
      `Eine Gruppe kann bis zu ${max} Limits haben. Hebe zuerst eines davon auf.`,
    permission_denied: 'Dazu fehlt dir die Berechtigung.',
    invitation_not_found: 'Diese Einladungen gibt es nicht, oder niemand kann sie noch nutzen.',
    invitation_codes_lost:
      'Diese Codes gelten nicht mehr: Der Server hat nicht mehr den geheimen Schlüssel, mit dem ' +
      'sie erstellt wurden. Verlängere die Einladungen, dann haben sie neue Codes.',
    invitations_refused: ({ faults }) =>
      `Es wurde niemand eingeladen: Die Liste hat ${counted(faults, 'Fehler', 'Fehler')}.`,
    invitations_changed:
      'Es wurde niemand eingeladen: Das Ergebnis wäre ein anderes als in der Vorschau. Prüfe ' +
      'die Liste noch einmal.',
    ledger_unavailable: ({ is_outcome_unknown: isOutcomeUnknown }) =>
      isOutcomeUnknown
        ? 'Der Server hat die Verbindung zur Datenbank verloren; ob das ausgeführt wurde, ' +
          'ist nicht bekannt.'
        : 'Der Server erreicht seine Datenbank gerade nicht. Nichts wurde geändert.',
    idempotency_key_running: 'Diese Liste wird gerade gebucht. Bitte versuche es gleich erneut.',
    idempotency_key_done: 'Diese Liste wurde bereits gebucht.',
    api_key_not_found: 'Diesen API-Schlüssel gibt es nicht mehr.',
    body_too_large: 'Das ist zu viel für eine Anfrage.',
    request_timeout: 'Die Verbindung ist für diese Anfrage zu langsam.',
    server_stopping: 'Der Server startet neu. Bitte versuche es gleich erneut.',
  },
  fieldFaults: {
    too_few_items: ({ min }) => `Bitte mindestens ${counted(min, 'Eintrag', 'Einträge')}.`,
    too_many_items: ({ max }) => `Bitte höchstens ${counted(max, 'Eintrag', 'Einträge')}.`,
    not_a_choice: 'Das steht nicht zur Auswahl.',
    not_a_time: 'Das ist kein gültiges Datum.',
    not_in_the_future: 'Das muss in der Zukunft liegen.',
    not_https: 'Das muss eine Adresse sein, die mit https:// beginnt.',
    not_a_logo: ({ reason, max }) =>
      reason === 'format'
        ? 'Das Logo muss ein Bild im Format PNG, JPEG oder WebP sein.'
        : reason === 'bytes'
          ? `Das Logo darf höchstens ${number(max / 1024)} KB haben.`
          : `Das Logo darf höchstens ${number(max)} Pixel breit und hoch sein.`,
    superuser_is_staff: 'Ein Superuser gehört immer zum Team.',
    start_after_end: 'Der Anfang muss vor dem Ende liegen und darf nicht in der Zukunft sein.',
    span_too_long: ({ max_days: days, step }) =>
      `Nach ${STEPS[step] ?? step} höchstens ${counted(days, 'Tag', 'Tage')}. Wähle einen ` +
      'späteren Anfang.',
  },
};

function named(users: readonly string[], count: number): string {
  const more = count > users.length ? ` und ${number(count - users.length)} weitere` : '';
  return users.map((it) => `„${it}“`).join(', ') + more;
}
