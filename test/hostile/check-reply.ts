/** What every reply to a hostile request must and must not be. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_MS, mayBeClosedOn, type Reply } from './client.ts';
import type { HostileRequest } from './make-request.ts';
import type { RawReply } from './raw-attacks.ts';
import type { Site } from './site.ts';

/** Failures of the provider, as the README promises them. */
const OF_PROVIDER = ['model_failed', 'model_busy', 'model_unavailable'];
/** These are no answer to what a client sent, but something that is wrong with the server. */
const OF_SERVER = ['internal_error', 'ledger_unavailable', 'server_stopping'];
/** How much of a body is searched. */
const SEARCHED_CHARACTERS = 100_000;

/** Parts of stacks, paths, statements and messages of libraries. */
const INSIDE = [
  /node_modules/,
  /\bat (?:async )?[\w.<>]+ \(/,
  /\bat file:/,
  /\.(?:ts|js|mjs):\d+/,
  /node:internal/,
  /\bSELECT\b[^"]{1,200}\bFROM\b/,
  /\b(?:INSERT INTO|UPDATE \w+ SET)\b/,
  /SQLITE_\w+|sqlite3?\.|syntax error at or near|violates \w+ constraint/i,
  /\b(?:ENOENT|EACCES|ECONNREFUSED|ERR_[A-Z_]{4,}|FST_ERR_\w+)\b/,
  /\b(?:TypeError|RangeError|SyntaxError|ReferenceError)\b/,
  /Cannot read propert|is not a function|is not iterable/,
];

/** Checks replies. Each method returns what is wrong, one sentence per fault. */
export class ReplyChecker {
  readonly #site: Site;
  readonly #codes = knownCodes();
  readonly #folder: string;
  readonly #providerAddress: string;

  constructor(site: Site) {
    this.#site = site;
    this.#providerAddress = new URL(site.provider.url).host;
    this.#folder = site.server.folder;
  }

  faultsOf(request: HostileRequest, reply: Reply): string[] {
    const { missing, elapsedMs } = reply;
    if (missing === 'cut') return [];
    if (missing === 'closed') {
      return mayBeClosedOn(request) ? [] : [`The server closed the connection: ${reply.problem}`];
    }
    const slow = elapsedMs > MOST_MS || missing === 'hang';
    return [
      ...(slow ? [`It took ${Math.round(elapsedMs)} ms.`] : []),
      ...(missing ? [] : this.#faultsOfHead(request, reply)),
      ...(isMisplaced(request, reply) ? ['It lets an admin key in.'] : []),
      ...(examinesMachine(request, reply) ? [] : this.#faultsOfText(reply.text)),
      ...this.#leaksIn(request, reply.text),
    ];
  }

  faultsOfRaw({ attack, statuses, text, elapsedMs, isHanging }: RawReply): string[] {
    const worst = Math.max(0, ...statuses);
    return [
      ...(attack.endsWith('(smuggled)') ? [`${statuses.length} responses: ${statuses}`] : []),
      ...(isHanging ? [`No answer in ${Math.round(elapsedMs)} ms.`] : []),
      ...(worst >= 500 && worst !== 505 ? [`A status of ${worst}.`] : []),
      ...this.#faultsOfText(text),
    ];
  }

  #faultsOfHead({ method, route }: HostileRequest, { status, headers, text }: Reply): string[] {
    const faults: string[] = [];
    const code = headers['chit-error'];
    if (headers['x-injected'] !== undefined) faults.push('A header was injected.');
    if (headers['x-content-type-options'] !== 'nosniff') faults.push('It lacks nosniff.');
    if (status < 400) return faults;
    if (typeof code !== 'string') return [...faults, 'It has no Chit-Error.'];
    if (!this.#codes.has(code)) faults.push(`Its code ${code} is unknown.`);
    const isExpected = OF_PROVIDER.includes(code) || (status === 503 && !OF_SERVER.includes(code));
    if (status >= 500 && !isExpected) faults.push(`It is a ${status} ${code}.`);
    const isToBeRetried = status === 503 || status === 429;
    if (isToBeRetried && headers['retry-after'] === undefined) faults.push('It lacks Retry-After.');
    const isJson = String(headers['content-type']).includes('json');
    if (method !== 'HEAD' && isJson && !isJsonText(text)) faults.push('Its body is no JSON.');
    if (route.startsWith('/api/') && !isJson && method !== 'HEAD') {
      faults.push(`Its body is ${headers['content-type']}.`);
    }
    return faults;
  }

  #faultsOfText(text: string): string[] {
    const searched = text.slice(0, SEARCHED_CHARACTERS);
    const shown = INSIDE.map((pattern) => pattern.exec(searched)?.[0]).filter(Boolean);
    if (searched.includes(this.#folder)) shown.push(this.#folder);
    // The page and the API description are files of ours, and full of such words.
    const isFile = /^(?:<!doctype|\{"openapi")/i.test(searched);
    return shown.length > 0 && !isFile ? [`It shows the inside: ${shown.join(', ')}.`] : [];
  }

  /** What the reply has in it of the secrets of others, or of what only staff may know. */
  #leaksIn({ identity }: HostileRequest, text: string): string[] {
    const faults: string[] = [];
    const isForStaff = identity.kind === 'staff' || identity.kind === 'admin-key';
    if (!isForStaff && text.includes(this.#providerAddress)) {
      faults.push('It shows the address of the provider.');
    }
    if (!text.includes('secret-')) return faults;
    for (const [owner, [chatSecret = '', keySecret = '']] of this.#site.secrets) {
      if (owner === identity.ownerName) continue;
      const isHidden = !isForStaff && text.includes(keySecret);
      if (text.includes(chatSecret) || isHidden) {
        faults.push(`It shows ${identity.name} what only ${owner} may read.`);
      }
    }
    return faults;
  }
}

/** Where no admin key is let in, whatever its scopes; other routes are for staff, or public. */
const NO_ADMIN_KEYS =
  /^\/(?:v1|api\/(?:admin\/(?:keys|chats)|chat|conversations|keys|me|tokens))\//;

function isMisplaced({ identity, route }: HostileRequest, { status }: Reply): boolean {
  return identity.kind === 'admin-key' && NO_ADMIN_KEYS.test(route) && status < 400;
}

/** To superusers the health check shows folders and what the system said: it is for that. */
function examinesMachine({ route }: HostileRequest, { status }: Reply): boolean {
  return route === '/api/admin/doctor/' && status === 200;
}

/** All codes, from the type that is their only list, and those that it extends. */
function knownCodes(): ReadonlySet<string> {
  const core = join(import.meta.dirname, '../../src/core');
  const text = globSync('*errors.ts', { cwd: core })
    .map((it) => readFileSync(join(core, it), 'utf8'))
    .join('\n');
  const lists = text.matchAll(/interface \w*(?:ErrorDetails|Errors)\b[^{]*\{(.*?)^\}/gms);
  const members = [...lists].map(([, list]) => list ?? '').join('\n');
  return new Set([...members.matchAll(/^ {2}(\w+):/gm)].map(([, code]) => code ?? ''));
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
