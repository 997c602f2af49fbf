import type { enDoctor } from '../en/doctor.ts';
import { counted } from './plurals.ts';

const clock = (seconds: number) =>
  `${String(Math.abs(seconds)).replace('.', ',')} s ${seconds > 0 ? 'vor' : 'nach'}`;
const SYNCHRONISE =
  'Gleiche sie ab (systemd-timesyncd, chrony): Limits und Anmeldungen hängen von der Zeit ab.';
const NO_TLS = 'Stelle einen Proxy mit https davor (docs/deployment.md)';

type Findings = typeof enDoctor.findings;

const FINDINGS: Findings = {
  check_failed: ({ what, reason }) => [
    `Die Prüfung „${what}“ konnte nicht durchgeführt werden: ${reason}`,
  ],

  settings_ok: ({ count }) => [`Alle ${count} Einstellungen sind gültig, keine ist schwach.`],
  setting_invalid: ({ reason }) => [reason, 'Berichtige sie; damit startet der Server nicht.'],
  deployment_invalid: ({ reason }) => [
    reason,
    'Berichtige chit.json und führe chit config check aus. Bis dahin gilt die bisherige.',
  ],
  password_short: ({ min }) => [
    `Passwörter dürfen ${min === 1 ? 'ein einziges Zeichen' : `${min} Zeichen`} haben.`,
    'Setze CHIT_PASSWORD_MIN_LENGTH auf 8 oder mehr. Vorhandene Passwörter gelten weiter.',
  ],
  access_token_long: ({ minutes }) => [
    `Ein Zugriffstoken gilt ${minutes} min, auch ein gestohlenes.`,
    'Senke CHIT_ACCESS_TOKEN_MINUTES auf höchstens 60; Seiten erneuern es von selbst.',
  ],
  cors_without_tls: ({ origin }) => [
    `Seiten von ${origin} dürfen die API aufrufen, und jeder auf dem Weg kann sie verändern.`,
    'Nenne in CHIT_CORS_ORIGINS die https-Adresse.',
  ],
  runs_as_root: () => [
    'Chit läuft als root: Wer den Prozess übernimmt, übernimmt den Rechner.',
    'Führe es als Benutzer aus, dem nur der Datenordner gehört.',
  ],
  log_level_debug: ({ level }) => [
    `Die Protokollstufe ist ${level}; das füllt Festplatten.`,
    'Setze CHIT_LOG_LEVEL=info, sobald du gefunden hast, was du suchst.',
  ],
  log_level_silent: ({ level }) => [
    `Die Protokollstufe ist ${level}: Fehler werden nicht protokolliert.`,
    'Setze CHIT_LOG_LEVEL=info.',
  ],
  signups_unlimited: () => [
    'Jeder kann sich beliebig oft registrieren und erhält jedes Mal Token.',
    'Setze CHIT_SIGNUPS_PER_HOUR oder CHIT_SIGNUP=closed.',
  ],
  listens_on_network: ({ host }) => [
    `Der Server lauscht auf ${host} und kennt keine öffentliche Adresse: Er selbst spricht kein ` +
      'https, Passwörter gehen also womöglich unverschlüsselt durchs Netz.',
    `${NO_TLS} und setze CHIT_PUBLIC_URL.`,
  ],
  public_url_without_tls: ({ url }) => [
    `Die öffentliche Adresse ${url} ist nicht https: Passwörter gehen unverschlüsselt durchs Netz.`,
    `${NO_TLS}.`,
  ],
  proxy_unnamed: () => [
    'Die öffentliche Adresse ist https, also gibt es einen Proxy, aber CHIT_TRUSTED_PROXIES ' +
      'nennt ' +
      'keinen: Alle Clients zählen als eine Adresse, und Fehlversuche des einen sperren die ' +
      'anderen.',
    'Setze CHIT_TRUSTED_PROXIES auf die Adresse, von der aus sich der Proxy verbindet.',
  ],
  trusts_many_proxies: ({ range }) => [
    `Jeder Adresse in ${range} wird als Proxy vertraut; sie kann sich für jeden Client ausgeben.`,
    'Nenne in CHIT_TRUSTED_PROXIES nur die Adressen der Proxys.',
  ],
  workers_need_postgres: ({ workers }) => [
    `CHIT_WORKERS ist ${workers}, aber SQLite ist für einen Prozess.`,
    'Setze CHIT_WORKERS=1 oder ziehe auf PostgreSQL um.',
  ],
  lock_timeout_capped: ({ lockSeconds, querySeconds }) => [
    `CHIT_LOCK_TIMEOUT_SECONDS ist ${lockSeconds}, es gilt aber höchstens die Hälfte der ` +
      `${querySeconds} Sekunden von CHIT_QUERY_TIMEOUT_SECONDS.`,
    'Erhöhe das zweite oder senke das erste.',
  ],
  demo_ignored: ({ file }) => [
    `CHIT_DEMO_MODEL=1 wirkt nicht, denn die Modelle sind die aus ${file}.`,
    'Entferne die Einstellung.',
  ],

  files_ok: ({ count }) => [`Dateien mit Geheimnissen (${count}) kann nur ihr Eigentümer lesen.`],
  file_exposed: ({ file, mode }) => [
    `Jeder Benutzer dieses Rechners kann ${file} lesen oder ändern (Modus ${mode}).`,
    `Führe chmod 600 ${file} aus.`,
  ],
  secret_key_missing: ({ file }) => [
    `Es gibt eine Datenbank, aber ihr geheimer Schlüssel liegt nicht in ${file} und ist keine ` +
      'Einstellung. Ein neuer würde alle Sitzungen beenden, und Gutscheincodes wären unbekannt.',
    'Stelle ihn aus einer Sicherung wieder her oder setze CHIT_SECRET_KEY. Was sonst noch geht, ' +
      'steht in docs/operating.md.',
  ],

  disk_ok: ({ folder, freeBytes }, { bytes }) => [`In ${folder} sind ${bytes(freeBytes)} frei.`],
  disk_low: ({ folder, freeBytes, wantedBytes }, { bytes }) => [
    `In ${folder} sind nur ${bytes(freeBytes)} frei; für Sicherungen und Aktualisierungen ` +
      'sollten ' +
      `es ${bytes(wantedBytes)} sein.`,
    'Schaffe Platz, bevor die Platte voll ist, oder lege die Sicherungen auf eine andere ' +
      '(CHIT_BACKUP_FOLDER).',
  ],
  disk_full: ({ folder, freeBytes }, { bytes }) => [
    `In ${folder} sind ${bytes(freeBytes)} frei. Kann nichts mehr geschrieben werden, wird kein ` +
      'Chat beantwortet.',
    'Schaffe jetzt Platz. Verloren geht bis dahin nichts: docs/operating.md, „A full disk“.',
  ],
  folder_unwritable: ({ folder, reason }) => [
    `In ${folder} kann nichts geschrieben werden: ${reason}`,
    'Gib den Ordner dem Benutzer, der Chit ausführt.',
  ],

  database_ok: ({ kind, migration, bytes: size }, { bytes }) => [
    `${kind} antwortet: ${bytes(size)}, Migration ${migration}.`,
  ],
  database_failed: ({ reason }) => [
    `Die Datenbank antwortet nicht: ${reason}`,
    'Starte sie oder berichtige CHIT_DATABASE_URL.',
  ],
  database_empty: () => [
    'Es gibt noch keine Datenbank.',
    'chit serve legt eine an. Sollte es eine geben, führe dies im Ordner deiner Installation aus.',
  ],
  database_older: ({ migration, newest }) => [
    `Die Datenbank ist von einer früheren Version (Migration ${migration} von ${newest}).`,
    'Der nächste Start aktualisiert sie; mit SQLite gibt es davor eine Sicherung.',
  ],
  database_newer: ({ migration, newest }) => [
    `Eine neuere Version hat die Datenbank auf ${migration} gebracht; diese kennt ${newest}.`,
    'Nimm jene Version oder eine neuere.',
  ],
  database_read_only: () => [
    'Die Datenbank kann nur gelesen werden: Sie ist ein Standby oder so eingestellt.',
    'Nenne in CHIT_DATABASE_URL die primäre oder beide, mit target_session_attrs=read-write.',
  ],
  database_lost_log: () => [
    'Der letzte Server wurde nicht angehalten, und neben der Datei liegt kein Protokoll (-wal): ' +
      'Sie ist vielleicht eine Kopie, in der die letzten Buchungen fehlen.',
    'Führe chit ledger verify aus; das vergleicht sie mit der neuesten Sicherung.',
  ],
  search_index_filling: ({ since }, { time }) => [
    `Nachrichten ab ${time(since)} fehlen noch im Suchindex; gefunden wird alles, nur langsamer.`,
    'Nichts, wenn ein Server läuft: Er nimmt einige tausend in der Minute auf. Sonst starte einen.',
  ],

  holds_ok: ({ open }, { number }) => [
    `Laufende Antworten: ${number(open)}. Keine ist liegen geblieben.`,
  ],
  holds_abandoned: ({ count, minutes }, { number }) => [
    `${counted(count, 'Antwort', 'Antworten')} eines Servers, den es nicht mehr gibt, halten ` +
      'noch ' +
      `Token, die älteste seit ${number(minutes)} min.`,
    'Jeder laufende Server beendet sie in Sekunden. Starte einen; läuft einer, lies sein ' +
      'Protokoll.',
  ],

  ledger_verified: ({ at, transfers }, { time, number }) => [
    `Das Hauptbuch stimmte bei der letzten Sicherung (${time(at)}, ${number(transfers)} ` +
      'Buchungen).',
  ],
  ledger_unverified: () => [
    'Das Hauptbuch wurde zuletzt nicht geprüft; jede Sicherung tut das.',
    'Führe chit backup oder chit ledger verify aus.',
  ],

  clock_ok: ({ seconds }) => [
    `Die Uhr weicht um höchstens ${String(Math.abs(seconds)).replace('.', ',')} s von der ` +
      'Datenbank ab.',
  ],
  clock_off_database: ({ seconds }) => [
    `Die Uhr dieses Rechners geht gegenüber der Datenbank ${clock(seconds)}.`,
    SYNCHRONISE,
  ],
  clock_off_provider: ({ host, seconds }) => [
    `Die Uhr dieses Rechners geht gegenüber ${host} ${clock(seconds)}.`,
    SYNCHRONISE,
  ],

  backup_ok: ({ name, at }, { time }) => [
    `Die letzte einwandfreie Sicherung ist von ${time(at)}: ${name}`,
  ],
  backup_none: () => [
    'Es gibt keine einwandfreie Sicherung.',
    'Führe chit backup aus und kopiere sie auf einen anderen Rechner.',
  ],
  backup_overdue: ({ name, at }, { time }) => [
    `Die letzte einwandfreie Sicherung ist mehr als zwei Tage alt: ${name} von ${time(at)}`,
    'Sieh im Protokoll nach, warum keine erstellt wurde, und führe chit backup aus.',
  ],
  backup_faulty: ({ name, faults }) => [
    `Die neueste Sicherung, ${name}, hat ${counted(faults, 'Fehler', 'Fehler')}: Was gesichert ` +
      'wurde, stimmt nicht.',
    'Führe chit ledger verify aus. Bewahre die letzte einwandfreie Sicherung auf.',
  ],
  backup_unreadable: ({ name, reason }) => [
    `${name} ist keine vollständige Sicherung: ${reason}`,
    'Lösche die Datei oder kopiere sie noch einmal.',
  ],
  backups_unlisted: ({ folder, reason }) => [
    `Der Ordner der Sicherungen, ${folder}, kann nicht gelesen werden: ${reason}`,
    'Binde ihn ein oder gib ihn dem Benutzer, der Chit ausführt.',
  ],
  backups_off: () => [
    'Nach Zeitplan wird nichts gesichert: CHIT_BACKUP_EVERY_HOURS ist 0.',
    'Setze es auf 24, wenn nicht etwas anderes sichert.',
  ],
  backups_on_same_disk: ({ folder }) => [
    `Die Sicherungen in ${folder} liegen auf der Platte der Datenbank und gingen mit ihr verloren.`,
    'Kopiere sie auf einen anderen Rechner oder setze CHIT_BACKUP_FOLDER auf eine andere Platte.',
  ],
  backup_impossible: ({ reason }) => [
    `Dieser Rechner kann keine Sicherungen erstellen: ${reason}`,
    'Was es mit PostgreSQL dafür braucht, steht in docs/backups.md.',
  ],

  servers_ok: ({ count }, { number }) => [
    count === 1 ? 'Ein Server läuft.' : `${number(count)} Server laufen und stimmen überein.`,
  ],
  server_key_differs: ({ host }) => [
    `Der Server auf ${host} hat einen anderen geheimen Schlüssel: Seine Anmeldungen gelten nur ` +
      'dort.',
    'Gib allen Servern denselben CHIT_SECRET_KEY.',
  ],
  server_deployment_differs: ({ host }) => [
    `Der Server auf ${host} hat andere Modelle, Preise oder Limits.`,
    'Gib allen dieselbe chit.json und dieselben Einstellungen und lies sie neu ein (SIGHUP oder ' +
      'Verwaltung).',
  ],
  server_version_differs: ({ host, version }) => [
    `Auf dem Server ${host} läuft Version ${version}.`,
    'Aktualisiere alle; bis dahin arbeiten zwei Versionen nebeneinander.',
  ],
  server_clock_off: ({ host, seconds }) => [
    `Die Uhr von ${host} geht gegenüber der Datenbank ${clock(seconds)}.`,
    SYNCHRONISE,
  ],

  providers_none: () => ['Es gibt keine Anbieter: Die Modelle sind eingebaut.'],
  provider_ok: ({ provider, endpoint, models, ms }, { number }) => [
    `${provider}, Endpunkt ${endpoint}: Der Schlüssel gilt` +
      `${models === 0 ? '' : `, ${number(models)} ${models === 1 ? 'Modell' : 'Modelle'}`}, ` +
      `${number(ms)} ms.`,
  ],
  provider_unlisted: ({ provider, endpoint, status }) => [
    `${provider}, Endpunkt ${endpoint}: Er antwortet, nennt aber keine Modelle (${status}); der ` +
      'Schlüssel konnte deshalb nicht geprüft werden.',
  ],
  provider_unreachable: ({ provider, endpoint, url, reason }) => [
    `${provider}, Endpunkt ${endpoint}: ${url} ist nicht erreichbar: ${reason}`,
    'Prüfe Adresse und Netz. Bis dahin antworten andere Endpunkte und Ersatzmodelle.',
  ],
  provider_key_refused: ({ provider, endpoint, status, reason }) => [
    `${provider}, Endpunkt ${endpoint}: Schlüssel oder Konto werden abgelehnt (${status})` +
      `${reason === '' ? '.' : `: ${reason}`}`,
    'Ersetze den Schlüssel oder bezahle die Rechnung und lies chit.json neu ein (SIGHUP oder ' +
      'Verwaltung).',
  ],
  provider_refused: ({ provider, endpoint, status, reason }) => [
    `${provider}, Endpunkt ${endpoint}: Er antwortet mit ${status}` +
      `${reason === '' ? '.' : `: ${reason}`}`,
    'Sieh auf der Statusseite des Anbieters nach und versuche es erneut.',
  ],
  provider_down: ({ provider }) => [
    `${provider} ist nicht nutzbar: Für seine Modelle antworten höchstens Ersatzmodelle.`,
    'docs/operating.md, „A provider is down“.',
  ],
  model_unlisted: ({ model, provider, upstream }) => [
    `Modell ${model}: ${provider} nennt „${upstream}“ nicht.`,
    'Berichtige "upstream" in chit.json; vielleicht wurde es umbenannt oder eingestellt.',
  ],
  model_failing: ({ model }) => [
    `Das Modell ${model} ist auf diesem Server mehrmals nacheinander ausgefallen.`,
    'Warum, steht im Protokoll. Hat es Ersatzmodelle, antworten diese.',
  ],

  sign_in_ok: ({ provider, issuer }) => [`Über „${provider}“ (${issuer}) kann man sich anmelden.`],
  sign_in_provider_down: ({ provider, issuer, reason }) => [
    `Über „${provider}“ kann sich niemand anmelden: ${issuer} sagt nicht, wer es ist. ${reason}`,
    'Vergleiche "issuer" in chit.json Zeichen für Zeichen mit dem in seiner ' +
      '/.well-known/openid-configuration, und prüfe, ob dieser Rechner es erreicht.',
  ],
  sign_in_without_address: () => [
    'Die Anmeldung läuft über einen Anbieter, und CHIT_PUBLIC_URL ist nicht gesetzt: Wohin er ' +
      'zurückschickt, sagt die Anfrage.',
    'Setze CHIT_PUBLIC_URL, und trage diese Adresse beim Anbieter ein.',
  ],
  ldap_ok: ({ url }) => [`Das Verzeichnis unter ${url} lässt sich benutzen.`],
  ldap_server_down: ({ url, reason }) => [
    `Das Verzeichnis lässt sich unter ${url} nicht benutzen. ${reason}`,
    'Prüfe, ob dieser Rechner es erreicht und seinem Zertifikat traut ("caFile"), und vergleiche ' +
      '"bindDn", dessen Passwort und "base" unter "ldap" in chit.json.',
  ],
  ldap_down: () => [
    'Kein Server des Verzeichnisses lässt sich benutzen: Mit seinen Passwörtern kann sich ' +
      'niemand anmelden.',
    'Sitzungen gehen weiter. Was wohin gehört, steht in docs/directories.md.',
  ],
  sign_in_nobody: () => [
    'Passwörter sind abgeschaltet, und chit.json nennt keinen Anbieter zum Anmelden.',
    'Nenne einen in "signIn" (docs/sign-in.md), oder setze CHIT_PASSWORD_LOGIN=on.',
  ],

  prices_ok: ({ models }, { number }) => [
    models === 1
      ? 'Der Preis des Modells deckt, was sein Anbieter verlangt, soweit das bekannt ist.'
      : `Die Preise von ${number(models)} Modellen decken, was ihre Anbieter verlangen, soweit ` +
        'das bekannt ist.',
  ],
  price_below_cost: ({ model, unit, charged, cost }, { number }) => [
    `${model}, ${unit}: Berechnet werden ${number(charged)}, der Anbieter nimmt ${number(cost)}.`,
    'Erhöhe den Preis in chit.json. chit prices zeigt alle.',
  ],
  price_outdated: ({ model, unit, dollars, catalogue }, { number }) => [
    `${model}, ${unit}: Laut chit.json nimmt der Anbieter ${number(dollars)} USD, laut Katalog ` +
      `${number(catalogue)}.`,
    'Vergleiche mit der Preisliste des Anbieters und berichtige "providerPrice".',
  ],
  price_will_not_cover: ({ model, unit, at, dollars }, { time, number }) => [
    `${model}, ${unit}: Ab ${time(at)} nimmt der Anbieter ${number(dollars)} USD; das deckt der ` +
      'Preis nicht.',
    'Erhöhe vorher den Preis in chit.json.',
  ],
  cost_unknown: ({ model }) => [
    `${model}: Niemand sagt, was sein Anbieter verlangt.`,
    'Setze "providerPrice" in chit.json, um zu sehen, ob der Preis es deckt.',
  ],

  public_url_unset: () => [
    'CHIT_PUBLIC_URL ist nicht gesetzt: Was ein Proxy mit Anfragen macht, wurde nicht ' +
      'geprüft, und ' +
      'Links enthalten die Adresse, unter der ihr Ersteller die Verwaltung geöffnet hat.',
    'Setze es auf die Adresse, die alle benutzen.',
  ],
  public_url_ok: ({ url, address, ms }, { number }) => [
    `${url} antwortet in ${number(ms)} ms: Streams werden nicht aufgehalten, und diese ` +
      'Anfrage kam ' +
      `von ${address}.`,
  ],
  public_url_failed: ({ url, reason }) => [
    `${url} ist von hier aus nicht erreichbar: ${reason}`,
    'Starte Server und Proxy und prüfe Name und Zertifikat.',
  ],
  public_url_foreign: ({ url, status }) => [
    `Unter ${url} antwortet etwas anderes (${status}) oder ein Server mit anderem Schlüssel.`,
    'Prüfe CHIT_PUBLIC_URL und wohin der Proxy Anfragen schickt.',
  ],
  arrives_from_stranger: ({ address }) => [
    `Anfragen kommen über ${address}, das CHIT_TRUSTED_PROXIES nicht nennt: Alle Clients ` +
      'zählen als ' +
      'eine Adresse.',
    `Ist es dein Proxy, ergänze ${address} in CHIT_TRUSTED_PROXIES.`,
  ],
  arrives_without_address: ({ address }) => [
    `Die Anfrage kam von ${address} ohne X-Forwarded-For: Alle Clients hinter einem Proxy ` +
      'zählen als ' +
      'eine Adresse.',
    'Lass den Proxy X-Forwarded-For setzen: In deploy/ gibt es Konfigurationen dafür.',
  ],
  arrives_without_https: () => [
    'Der Proxy sagt nicht, dass eine Anfrage über https kam. CHIT_PUBLIC_URL gleicht das aus.',
    'Lass ihn X-Forwarded-Proto setzen.',
  ],
  arrives_at_other_host: ({ host, expected }) => [
    `Der Proxy gibt als Host ${host} statt ${expected} weiter.`,
    'Lass ihn den Header Host erhalten: in nginx proxy_set_header Host $host;',
  ],
  cookies_not_secure: () => [
    'Cookies kommen ohne Secure an, obwohl die Seite https ist, oder gar nicht.',
    'Lass den Proxy Set-Cookie und den Header Host unverändert weitergeben.',
  ],
  stream_buffered: ({ url }) => [
    `Vor ${url} hält etwas Streams auf: Antworten erscheinen erst an ihrem Ende, auf einmal.`,
    'Schalte Puffern und Komprimieren von text/event-stream ab: In deploy/ gibt es ' +
      'Konfigurationen.',
  ],

  versions_ok: ({ chit, node }) => [`Chit ${chit} mit Node.js ${node}.`],
  node_old: ({ node, wanted }) => [
    `Node.js ${node} ist zu alt; nötig ist ${wanted}.`,
    'Installiere es oder nimm das, das npm ci mitbringt.',
  ],
};

/** Texts of the health check, in German. */
export const deDoctor: typeof enDoctor = {
  doctor: 'Prüfung',
  doctorText:
    'Sieht nach Einstellungen, Dateien, Festplatte, Datenbank, Sicherungen, Servern, Preisen und ' +
    'der öffentlichen Adresse und fragt jeden Anbieter einmal, was nichts kostet. Der Befehl ' +
    'chit doctor tut dasselbe.',
  doctorRun: 'Jetzt prüfen',
  doctorRunning: 'Wird geprüft …',
  doctorDone: (count) =>
    count === 0 ? 'Nichts zu tun.' : `${counted(count, 'Befund', 'Befunde')} zu beachten.`,
  doctorCheck: 'Geprüft',
  doctorFound: 'Befund',
  doctorSeverity: 'Schweregrad',
  severities: { ok: 'In Ordnung', note: 'Hinweis', warning: 'Warnung', fault: 'Fehler' },
  doctorChecks: {
    settings: 'Einstellungen',
    files: 'Dateien',
    disk: 'Festplatte',
    database: 'Datenbank',
    holds: 'Laufende Antworten',
    ledger: 'Hauptbuch',
    clock: 'Uhr',
    backups: 'Sicherungen',
    servers: 'Server',
    providers: 'Anbieter',
    sign_in: 'Anmeldung',
    prices: 'Preise',
    public_url: 'Öffentliche Adresse',
    versions: 'Versionen',
  },
  findings: FINDINGS,
};
