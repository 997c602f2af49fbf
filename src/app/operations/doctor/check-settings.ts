/** Settings that contradict each other, or that are weaker than they need be. */
import { isIP } from 'node:net';
import { type Finding, finding } from '../../../core/doctor.ts';
import { isPostgres } from '../../../store/database/dialect.ts';
import type { ExaminedSettings, Subject } from './subject.ts';

/** NIST SP 800-63B-4, 3.1.1.2: passwords of at least 8 characters. */
const SAFE_PASSWORD_LENGTH = 8;
/** A token that was stolen is of use for so long. */
const SAFE_ACCESS_MINUTES = 60;
/** A range of IPv4 with fewer bits has addresses that are nobody's own. */
const SAFE_RANGE_BITS = { 4: 8, 6: 16 };
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** @param userId of the process; undefined where there are none */
export function checkSettings(
  { settings, settingCount, deploymentFile, deploymentFaults }: Subject,
  userId: number | undefined = process.getuid?.(),
): Finding[] {
  const found = [
    ...deploymentFaults.map((reason) => finding('deployment_invalid', { reason })),
    ...weakSettings(settings),
    ...reachability(settings),
    ...contradictions(settings, deploymentFile),
    ...(userId === 0 ? [finding('runs_as_root', {})] : []),
  ];
  return found.length > 0 ? found : [finding('settings_ok', { count: settingCount })];
}

function weakSettings(settings: ExaminedSettings): Finding[] {
  const { passwordMinLength: min, accessTokenMinutes: minutes, logLevel: level } = settings;
  const isUnlimited = settings.signup === 'open' && settings.signupsPerHour === 0;
  return [
    ...(min < SAFE_PASSWORD_LENGTH ? [finding('password_short', { min })] : []),
    ...(minutes > SAFE_ACCESS_MINUTES ? [finding('access_token_long', { minutes })] : []),
    ...(isUnlimited ? [finding('signups_unlimited', {})] : []),
    ...(['debug', 'trace'].includes(level) ? [finding('log_level_debug', { level })] : []),
    ...(['silent', 'fatal'].includes(level) ? [finding('log_level_silent', { level })] : []),
    ...settings.corsOrigins
      .filter((origin) => origin.startsWith('http:') && !isLocal(origin))
      .map((origin) => finding('cors_without_tls', { origin })),
  ];
}

function reachability({ host, publicUrl, trustedProxies }: ExaminedSettings): Finding[] {
  const isSocket = host.startsWith('unix:');
  const isPublic = publicUrl !== '' && !isLocal(publicUrl);
  const isOpen = publicUrl === '' && !isSocket && !LOOPBACK.test(host);
  const isHttps = publicUrl.startsWith('https:');
  const isUnnamed = isHttps && trustedProxies.length === 0 && !isSocket;
  return [
    ...(isOpen ? [finding('listens_on_network', { host })] : []),
    ...(isPublic && !isHttps ? [finding('public_url_without_tls', { url: publicUrl })] : []),
    ...(isUnnamed ? [finding('proxy_unnamed', {})] : []),
    ...trustedProxies.filter(isWide).map((range) => finding('trusts_many_proxies', { range })),
  ];
}

function contradictions(settings: ExaminedSettings, file: string | undefined): Finding[] {
  const { workers, lockTimeoutSeconds: lockSeconds, queryTimeoutSeconds: querySeconds } = settings;
  const isOnPostgres = isPostgres(settings.databaseUrl);
  const isCapped = isOnPostgres && lockSeconds * 2 > querySeconds;
  return [
    ...(workers > 1 && !isOnPostgres ? [finding('workers_need_postgres', { workers })] : []),
    ...(isCapped ? [finding('lock_timeout_capped', { lockSeconds, querySeconds })] : []),
    ...(settings.demoModel && file !== undefined ? [finding('demo_ignored', { file })] : []),
  ];
}

function isLocal(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

function isWide(range: string): boolean {
  const [address = '', bits] = range.split('/');
  if (bits === undefined) return false;
  return Number(bits) < (isIP(address) === 6 ? SAFE_RANGE_BITS[6] : SAFE_RANGE_BITS[4]);
}
