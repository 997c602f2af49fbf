/** Reads the tools of `chit.json`. */
import type { Fraction, Rate } from '../../core/pricing.ts';
import { rateFrom } from '../../core/pricing.ts';
import type { ToolSettings } from '../../core/tools.ts';
import { dollarsFrom, quotient } from '../prices/decimal.ts';
import { isOnPrivateNetwork } from '../provider-client/private-network.ts';
import type { DeploymentFile, ToolEntry } from './deployment-schema.ts';
import { worthOf } from './prices.ts';
import type { DeploymentFault } from './references.ts';

const TIMEOUT_SECONDS = 30;
/** What a name may be: models are told it as a part of the names of functions. */
const NAME = /^[a-z][a-z0-9-]{0,23}$/;
/** RFC 9110, section 5.5, in ASCII. */
const IN_A_HEADER = /^[\x20-\x7e]*$/;

/** Reads all tools. @param faults receives what is wrong with them */
export function readTools(
  { tools = {}, tokenIsWorth }: DeploymentFile,
  { environment }: { readonly environment: Readonly<Record<string, string | undefined>> },
  faults: DeploymentFault[],
): ToolSettings[] {
  return Object.entries(tools).map(([name, entry]) => {
    const fault = (member: string | undefined, reason: string) =>
      faults.push({ path: ['tools', name, ...(member ? [member] : [])], reason });
    const variable = (member: string, of: string): string => {
      const value = environment[of];
      if (!value) fault(member, `the environment has no ${of}.`);
      else if (!IN_A_HEADER.test(value)) {
        fault(member, `${of} has a character that no key has, such as "…". Copy it again.`);
      }
      return value ?? '';
    };
    if (!NAME.test(name)) {
      fault(undefined, 'its name must be lower-case letters, digits and "-", 24 at most.');
    }
    checkAddress(entry, fault);
    if (Array.isArray(entry.allow) && entry.allow.length === 0) {
      fault('allow', 'an empty list lets nobody use it. Leave "allow" out for everyone.');
    }
    return {
      name,
      kind: entry.kind ?? 'mcp',
      url: entry.url,
      headers: headersOf(entry, variable),
      pricePerCall: priceOf(entry, worthOf(tokenIsWorth), fault),
      allow: entry.allow ?? 'everyone',
      approval: entry.approval ?? 'each',
      only: entry.only,
      allowPrivate: entry.allowPrivate ?? false,
      timeoutMs: (entry.timeoutSeconds ?? TIMEOUT_SECONDS) * 1_000,
    };
  });
}

type Report = (member: string | undefined, reason: string) => void;

function checkAddress({ url, allowPrivate = false }: ToolEntry, fault: Report): void {
  if (!URL.canParse(url)) {
    fault('url', 'it is not a URL.');
    return;
  }
  const { username, password, protocol } = new URL(url);
  if (username !== '' || password !== '') {
    fault('url', 'a secret belongs into "apiKeyEnv" or "headers", not into the URL.');
  }
  const isPrivate = isOnPrivateNetwork(url);
  if (isPrivate && !allowPrivate) {
    fault('url', 'it is on a private network. If that is right, add "allowPrivate": true.');
  }
  if (protocol === 'http:' && !isPrivate) {
    fault('url', 'over http:// anyone between can read and change it. Use https://.');
  }
}

function headersOf(
  { kind, apiKeyEnv, headers = {}, headersEnv = {} }: ToolEntry,
  variable: (member: string, of: string) => string,
): Record<string, string> {
  const all = Object.entries(headers);
  for (const [name, of] of Object.entries(headersEnv)) {
    all.push([name, variable('headersEnv', of)]);
  }
  if (apiKeyEnv !== undefined) {
    const key = variable('apiKeyEnv', apiKeyEnv);
    all.push(kind === 'brave' ? ['x-subscription-token', key] : ['authorization', `Bearer ${key}`]);
  }
  return Object.fromEntries(all);
}

function priceOf(
  { pricePerCall }: ToolEntry,
  tokenIsWorth: Fraction | undefined,
  fault: Report,
): Rate {
  if (typeof pricePerCall === 'number') return [pricePerCall, 1];
  if (pricePerCall === 'free') return [0, 1];
  if (pricePerCall === undefined) {
    fault(undefined, '"pricePerCall" is missing. Give its price, or "free".');
    return [0, 1];
  }
  if (!tokenIsWorth) {
    const example = '"tokenIsWorth": "0.00001 USD"';
    fault(
      'pricePerCall',
      `it is in dollars, so the file has to say what a token of the balance is worth: ${example}.`,
    );
    return [0, 1];
  }
  try {
    const { over, under } = quotient(dollarsFrom(pricePerCall) as Fraction, tokenIsWorth);
    return rateFrom(over, under);
  } catch {
    fault('pricePerCall', 'it has too many digits to be charged exactly.');
    return [0, 1];
  }
}
