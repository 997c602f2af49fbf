/** `chit doctor`: runs all checks. Nothing that it does changes anything or costs anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKS, type Check, type Finding, withoutSecrets } from '../../../core/doctor.ts';
import { checkBackups } from './check-backups.ts';
import { checkDatabase } from './check-database.ts';
import { checkDisk } from './check-disk.ts';
import { checkFiles } from './check-files.ts';
import { checkPrices } from './check-prices.ts';
import { checkProviders } from './check-providers.ts';
import { checkPublicUrl } from './check-public-url.ts';
import { checkSettings } from './check-settings.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkVersions } from './check-versions.ts';
import type { Subject } from './subject.ts';

/** A check that takes longer has failed: a disk that hangs must not hide all else. */
const CHECK_WITHIN_MS = 20_000;
/** Shorter values of headers are none that anybody keeps secret, and occur in many words. */
const MIN_SECRET_CHARACTERS = 4;

type Work = () => readonly Finding[] | Promise<readonly Finding[]>;

/** All checks, by what a failure of one is reported for; `isAsking` are those that ask others. */
function checksOf(subject: Subject, nowMs: number): [Check, Work, { isAsking: boolean }][] {
  const here = { isAsking: false };
  const asking = { isAsking: true };
  return [
    ['settings', () => checkSettings(subject), here],
    ['files', () => checkFiles(subject), here],
    ['disk', () => checkDisk(subject), here],
    ['database', () => checkDatabase(subject), here],
    ['backups', () => checkBackups(subject, nowMs), here],
    ['providers', () => checkProviders(subject), asking],
    ['sign_in', () => checkSignIn(subject), asking],
    ['prices', () => checkPrices(subject, nowMs), here],
    ['public_url', () => checkPublicUrl(subject, nowMs), asking],
    ['versions', () => checkVersions(subject), here],
  ];
}

/**
 * Examines an installation. Never rejects; no finding contains a secret.
 * @param options `mayAsk`: whether providers and the public address are asked
 * @returns what was found, in the order of `CHECKS`, the worst of each check first
 */
export async function examine(
  subject: Subject,
  { nowMs, mayAsk = true }: { readonly nowMs: number; readonly mayAsk?: boolean },
): Promise<Finding[]> {
  const checks = checksOf(subject, nowMs).filter(([, , { isAsking }]) => mayAsk || !isAsking);
  const found = await Promise.all(checks.map(([check, work]) => withinLimits(check, work)));
  const secrets = secretsOf(subject);
  return found
    .flat()
    .map((it) => hidden(it, secrets))
    .toSorted((one, other) => orderOf(one) - orderOf(other));
}

const SEVERITIES = ['fault', 'warning', 'note', 'ok'] as const;

function orderOf({ check, severity }: Finding): number {
  return CHECKS.indexOf(check) * SEVERITIES.length + SEVERITIES.indexOf(severity);
}

async function withinLimits(check: Check, work: Work): Promise<readonly Finding[]> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const late = sleep(CHECK_WITHIN_MS, undefined, { signal, ref: false }).then(() => {
      throw new Error(`it took more than ${CHECK_WITHIN_MS / 1000} s`);
    });
    return await Promise.race([(async () => work())(), late]);
  } catch (error) {
    const params = { what: check, reason: (error as Error).message };
    return [{ check, severity: 'warning', code: 'check_failed', params }];
  } finally {
    waiting.abort();
  }
}

function secretsOf({ secretKey, deployment, settings }: Subject): string[] {
  const endpoints = (deployment?.providers ?? []).flatMap((it) => [it, ...(it.endpoints ?? [])]);
  const ofProviders = endpoints.flatMap(({ apiKey, headers }) => [
    apiKey ?? '',
    ...Object.values(headers),
  ]);
  const ofSignIn = (deployment?.signIn ?? []).map(({ clientSecret }) => clientSecret ?? '');
  const ofLdap = deployment?.ldap?.bindPassword ?? '';
  const own = [secretKey ?? '', ofLdap, ...passwordsIn(settings.databaseUrl)];
  const all = [...own, ...ofProviders, ...ofSignIn];
  return all.filter(({ length }) => length >= MIN_SECRET_CHARACTERS);
}

function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  return [password, decodeURIComponent(password), searchParams.get('password') ?? ''];
}

function hidden(found: Finding, secrets: readonly string[]): Finding {
  const params = Object.fromEntries(
    Object.entries(found.params).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecrets(value, secrets) : value,
    ]),
  );
  return { ...found, params: params as Finding['params'] };
}
