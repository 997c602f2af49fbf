/** A hostile run: sends the requests, checks every reply, and the books in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointsOf } from '../support/openapi.ts';
import { bigAttack, prepareBigAttacks } from './big-attacks.ts';
import { checkBooks } from './check-books.ts';
import { ReplyChecker } from './check-reply.ts';
import { Client, type Reply } from './client.ts';
import { harvest } from './harvest.ts';
import type { Sizes } from './hostile-values.ts';
import { type HostileRequest, RequestMaker } from './make-request.ts';
import { Random } from './random.ts';
import { attackRaw } from './raw-attacks.ts';
import { Records } from './records.ts';
import { type Identity, Site, type Victim } from './site.ts';
import { type Delays, processorSeconds, residentMb, Watch } from './watch.ts';

export interface Options {
  /** Requests to send in all. */
  readonly requests: number;
  /** Ends the sending after this time; the books are checked all the same. */
  readonly seconds: number;
  /** How many are sent even if that takes longer; none if not given. */
  readonly least?: number;
  /** The same seed makes the same requests, except for ids that the server draws. */
  readonly seed: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  readonly sizes: Sizes;
  /** Whether to try the attacks with much of something (`big-attacks.ts`) as well. */
  readonly hasBigAttacks: boolean;
  /** The longest that `GET /healthz` may take in the meantime. */
  readonly mostDelayMs: number;
  /** Memory may be so much more in the last third than in the first. */
  readonly mostGrowthMb: number;
  /** Is told how it goes. */
  readonly onProgress: (line: string) => void;
}

export interface Fault {
  readonly sentence: string;
  /** What was sent; empty for what is not about one request. */
  readonly request: string;
}

export interface Report {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  /** Processor time that the server used; undefined without `/proc`. */
  readonly processorSeconds: number | undefined;
  /** Replies by status and code. */
  readonly replies: ReadonlyMap<string, number>;
  /** Routes of which no request was answered with success. */
  readonly withoutSuccess: readonly string[];
  /** Messages that were answered and could be compared with their charges. */
  readonly compared: number;
  readonly delays: Delays;
  /** Median of the resident memory in each third, in megabytes; empty without `/proc`. */
  readonly memoryMb: readonly number[];
  readonly faults: readonly Fault[];
}

const PARTS = 3;
/** Attacks below HTTP under way at the same time; they wait more than they do. */
const RAW_CONCURRENCY = 12;
/** At most this part of the requests is written onto connections of its own. */
const RAW_SHARE = 0.03;
/** A server that has that many faults has said enough. */
const MOST_FAULTS = 100;
const BIG_PAUSE_MS = 200;
const MOST_RECOVERY_MS = 20_000;
const SAMPLE_EVERY_MS = 250;
const SHOWN_CHARACTERS = 600;

/** Runs against a new server. */
export async function runHostile(options: Options): Promise<Report> {
  const site = await Site.start(new Random(options.seed));
  try {
    return await new HostileRun(site, options).run();
  } finally {
    await site.stop();
  }
}

class HostileRun {
  readonly #site: Site;
  readonly #options: Options;
  readonly #client: Client;
  readonly #checker: ReplyChecker;
  readonly #records = new Records();
  readonly #replies = new Map<string, number>();
  readonly #succeeded = new Set<string>();
  readonly #faults: Fault[] = [];
  readonly #renewing = new Set<Identity>();
  readonly #rawRandom: Random;
  #sent = 0;
  #rawSent = 0;
  #numbers = 0;
  readonly #memorySamples: number[] = [];

  constructor(site: Site, options: Options) {
    this.#site = site;
    this.#options = options;
    this.#client = new Client(site.server.url, options.concurrency);
    this.#checker = new ReplyChecker(site);
    this.#rawRandom = new Random(options.seed + 1);
  }

  async run(): Promise<Report> {
    const { requests, seconds, least = 0, seed, sizes, onProgress } = this.#options;
    const { server, victims } = this.#site;
    const endpoints = await endpointsOf(server.url);
    const maker = new RequestMaker(this.#site, endpoints, sizes, seed);
    const before = await Promise.all(victims.map((it) => this.#site.belongingsOf(it)));
    if (this.#options.hasBigAttacks) await prepareBigAttacks(this.#site);
    const watch = new Watch(server.url);
    const startedMs = performance.now();
    const deadlineMs = startedMs + seconds * 1_000;
    const memoryMb: number[] = [];
    const sampling = setInterval(() => this.#sampleMemory(), SAMPLE_EVERY_MS);
    let sendingMs = 0;
    for (let part = 1; part <= PARTS; part += 1) {
      const partStartedMs = performance.now();
      const partDeadlineMs = startedMs + ((deadlineMs - startedMs) * part) / PARTS;
      const toSend = { count: (requests * part) / PARTS, least: (least * part) / PARTS };
      await this.#sendUntil(toSend, partDeadlineMs, maker);
      sendingMs += performance.now() - partStartedMs;
      const memory = this.#takeMedianMemory();
      if (memory !== undefined) memoryMb.push(memory);
      onProgress(`${this.#sent} requests, ${memory} MB, ${this.#faults.length} faults`);
    }
    clearInterval(sampling);
    const delays = await watch.stop();
    const used = processorSeconds(server.process.pid ?? 0);
    await this.#client.close();
    if (delays.mostMs > this.#options.mostDelayMs) {
      this.#fault(`GET /healthz took up to ${delays.mostMs} ms.`);
    }
    await this.#checkEnd(before, memoryMb);
    return {
      seed,
      requests: this.#sent,
      seconds: Math.round(sendingMs / 1_000),
      processorSeconds: used,
      replies: this.#replies,
      withoutSuccess: endpoints
        .map(({ method, path }) => `${method} ${path}`)
        .filter((it) => !this.#succeeded.has(it)),
      compared: this.#records.answered,
      delays,
      memoryMb,
      faults: this.#faults,
    };
  }

  #sampleMemory(): void {
    const memory = residentMb(this.#site.server.process.pid ?? 0);
    if (memory !== undefined) this.#memorySamples.push(memory);
  }

  /** A single sample tells more of when garbage was collected than of how much is kept. */
  #takeMedianMemory(): number | undefined {
    this.#sampleMemory();
    const sorted = this.#memorySamples.splice(0).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }

  async #checkEnd(before: readonly string[], memoryMb: readonly number[]): Promise<void> {
    const { server, victims } = this.#site;
    if (server.process.exitCode !== null) {
      this.#fault(`The server ended: ${server.output().slice(-2_000)}`);
      return;
    }
    if (!(await this.#site.answersWithin(MOST_RECOVERY_MS))) {
      this.#fault(`The server does not answer ${MOST_RECOVERY_MS} ms after the last request.`);
      return;
    }
    for (const [index, victim] of victims.entries()) {
      await this.#checkVictim(victim, before[index] ?? '');
    }
    for (const sentence of await checkBooks(this.#site, this.#records)) this.#fault(sentence);
    const [first, last] = [memoryMb[0] ?? 0, memoryMb.at(-1) ?? 0];
    if (last > first + this.#options.mostGrowthMb)
      this.#fault(`Memory grew from ${first} to ${last} MB.`);
    for (const sentence of faultsInLog(server.output())) this.#fault(sentence);
  }

  async #checkVictim(victim: Victim, before: string): Promise<void> {
    const after = await this.#site.belongingsOf(victim).catch((error: Error) => error.message);
    if (after !== before) {
      this.#fault(`Others changed what ${victim.name} has: ${before}\n${after}`);
    }
  }

  /** Sends until there were so many in all, or until the time is over. */
  async #sendUntil(
    { count, least }: { readonly count: number; readonly least: number },
    deadlineMs: number,
    maker: RequestMaker,
  ): Promise<void> {
    const isOver = () =>
      this.#sent >= count ||
      (performance.now() > deadlineMs && this.#sent >= least) ||
      this.#faults.length > MOST_FAULTS ||
      this.#site.server.process.exitCode !== null;
    const worker = async () => {
      while (!isOver()) await this.#sendNext(maker);
    };
    const rawWorker = async () => {
      while (!isOver()) {
        if (this.#rawSent < this.#sent * RAW_SHARE) await this.#attackRaw();
        else await sleep(10);
      }
    };
    const bigWorker = async () => {
      const random = new Random(this.#options.seed + 2 + this.#sent);
      while (!isOver() && this.#options.hasBigAttacks) {
        await this.#sendCopies(bigAttack(this.#site, random, this.#sent));
        await sleep(BIG_PAUSE_MS);
      }
    };
    await Promise.all([
      bigWorker(),
      ...Array.from({ length: this.#options.concurrency }, worker),
      ...Array.from({ length: RAW_CONCURRENCY }, rawWorker),
    ]);
  }

  async #attackRaw(): Promise<void> {
    this.#sent += 1;
    this.#rawSent += 1;
    const reply = await attackRaw(this.#site, this.#rawRandom);
    this.#count(`raw ${reply.statuses[0] ?? 'closed'}`);
    const request = `${reply.attack} => ${reply.text.slice(0, SHOWN_CHARACTERS)}`;
    for (const it of this.#checker.faultsOfRaw(reply)) this.#fault(it, request);
  }

  async #sendNext(maker: RequestMaker): Promise<void> {
    const request = maker.make(this.#numbers);
    this.#numbers += 1;
    await this.#sendCopies(request);
  }

  async #sendCopies(request: HostileRequest): Promise<void> {
    this.#sent += request.copies;
    await Promise.all(
      Array.from({ length: request.copies }, async () => {
        this.#take(request, await this.#client.send(request));
      }),
    );
  }

  #take(request: HostileRequest, reply: Reply): void {
    const { status, missing, headers, text } = reply;
    this.#count(missing ?? [status, headers['chit-error']].filter(Boolean).join(' '));
    if (status > 0 && status < 400) this.#succeeded.add(`${request.method} ${request.route}`);
    this.#records.note(request, reply);
    for (const sentence of this.#checker.faultsOf(request, reply)) {
      this.#fault(sentence, `${describe(request)} => ${status} ${text.slice(0, SHOWN_CHARACTERS)}`);
    }
    if (status === 200 || status === 201 || status === 204) harvest(this.#site, request, reply);
    if (status === 401 && request.isSignedIn) void this.#renew(request.identity);
  }

  async #renew(identity: Identity): Promise<void> {
    if (this.#renewing.has(identity)) return;
    this.#renewing.add(identity);
    await this.#site.renew(identity).catch(() => undefined);
    this.#renewing.delete(identity);
  }

  #count(what: string): void {
    this.#replies.set(what, (this.#replies.get(what) ?? 0) + 1);
  }

  #fault(sentence: string, request = ''): void {
    this.#faults.push({ sentence, request });
  }
}

const OF_PROVIDER = /"message":"model_(failed|busy|unavailable)"|the operator has to act"/;

/** Lines of the log that tell of a fault of ours: all errors but those of the provider. */
function faultsInLog(output: string): string[] {
  const faults = new Set<string>();
  for (const line of output.split('\n')) {
    if (/"level":(50|60)/.test(line) && !OF_PROVIDER.test(line)) {
      faults.add(`The log says: ${line.replace(/"(time|pid|reqId)":[^,]+,/g, '')}`);
    }
    if (/Warning:|Unhandled|^\s+at /.test(line)) faults.add(`The server wrote: ${line}`);
  }
  return [...faults].slice(0, 10);
}

function describe({
  number,
  identity,
  method,
  path,
  route,
  headers,
  body,
}: HostileRequest): string {
  const shown = body?.subarray(0, SHOWN_CHARACTERS).toString('latin1');
  const size = body?.length ?? 0;
  const start = path.slice(0, SHOWN_CHARACTERS);
  const by = `${identity.name} on ${route}`;
  return JSON.stringify({ number, by, method, path: start, headers, size, body: shown });
}
