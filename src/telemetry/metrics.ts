/** What Prometheus is shown (https://prometheus.io/docs/practices/naming/). */
import { statfs } from 'node:fs/promises';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Context } from '../app/context.ts';
import { Readiness } from '../app/operations/check-ready.ts';
import { type Gauges, readGauges } from '../app/operations/read-gauges.ts';
import { Counter, type CounterCell } from './instruments.ts';
import { LedgerMetrics } from './ledger-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';

/** Connections to the database, by what they are for. */
export interface ConnectionCount {
  readonly pool: string;
  readonly total: number;
  readonly idle: number;
  /** Who waits for one. */
  readonly waiting: number;
}

/** What is not in the context. */
export interface MetricSources {
  readonly version: string;
  readonly connections: () => readonly ConnectionCount[];
  /** The folder of the database file; undefined if it is on another machine. */
  readonly dataFolder: string | undefined;
}

/** How often the lag of the event loop is measured. */
const LAG_EVERY_MS = 100;

/** The metrics of one server. */
export class Metrics {
  readonly #context: Context;
  readonly #sources: MetricSources;
  readonly #registry = new Registry();
  readonly #gauges: ReturnType<typeof gaugesIn>;
  readonly #readiness: Readiness;
  readonly #shed: CounterCell;
  readonly requests: RequestMetrics;

  /** Counts from now on what happens in the context. */
  constructor(context: Context, sources: MetricSources) {
    this.#context = context;
    this.#sources = sources;
    this.#readiness = new Readiness(context);
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
    this.requests = new RequestMetrics(this.#registry);
    this.#gauges = gaugesIn(this.#registry);
    this.#shed = new Counter(this.#registry, {
      name: 'chit_http_requests_shed_total',
      help: 'Requests that were refused at once because the server was overloaded.',
      labels: [],
    }).of();
    this.#gauges.build.set({ version: sources.version }, 1);
    const ledger = new LedgerMetrics(this.#registry);
    context.ledger.onBatch = ledger.note;
    context.modelHealth.onFailure = this.requests.noteFailure;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it, in Prometheus' text format. */
  async render(): Promise<string> {
    const { dataFolder } = this.#sources;
    const isReady = () =>
      this.#readiness.check().then(
        () => true,
        () => false,
      );
    const [gauges, free] = await Promise.all([
      readGauges(this.#context, isReady),
      dataFolder === undefined ? undefined : freeBytes(dataFolder).catch(() => undefined),
    ]);
    this.requests.prepare(this.#context.catalogue.all);
    this.#setGauges(gauges);
    setOrRemove(this.#gauges.freeBytes, free);
    return this.#registry.metrics();
  }

  #setGauges(read: Gauges): void {
    const to = this.#gauges;
    const { running, streams, shed } = this.requests.counts;
    to.running.set(running);
    to.streams.set(streams);
    this.#shed.value = shed;
    to.ready.set(read.isReady ? 1 : 0);
    setOrRemove(to.openHolds, read.openHolds?.count);
    setOrRemove(to.oldestHold, read.openHolds?.oldestSeconds);
    setOrRemove(to.renewalLag, read.renewalLagSeconds);
    setOrRemove(to.lastBackup, read.lastBackupSeconds);
    for (const [state, count] of Object.entries(read.queue)) to.queue.set({ state }, count);
    to.generations.set(read.generations);
    to.turns.set(read.waitingTurns);
    to.resting.reset();
    for (const provider of read.providers) {
      for (const reason of REASONS) to.resting.set({ provider, reason }, 0);
    }
    for (const { provider, reason } of read.resting) to.resting.inc({ provider, reason });
    to.failing.reset();
    for (const { name, isFailing } of read.models) {
      to.failing.set({ model: name }, isFailing ? 1 : 0);
    }
    for (const { pool, total, idle, waiting } of this.#sources.connections()) {
      to.connections.set({ pool, state: 'busy' }, total - idle);
      to.connections.set({ pool, state: 'idle' }, idle);
      to.connectionWaits.set({ pool }, waiting);
    }
  }
}

/** Sets a gauge, or shows none where there is no value. */
function setOrRemove(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

/** What an ordinary user can still write. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const REASONS = ['account', 'limited', 'failing'] as const;

function gaugesIn(registry: Registry) {
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Gauge<Label>({ name, help, labelNames, registers: [registry] });
  return {
    build: gauge('chit_build_info', 'The version of the program; always 1.', ['version']),
    ready: gauge('chit_ready', '1 if a booking gets through, as /readyz says; else 0.'),
    running: gauge('chit_http_requests_running', 'HTTP requests that are being answered.'),
    streams: gauge('chit_http_streams_open', 'Responses that are streams and have not ended.'),
    generations: gauge('chit_generations_running', 'Generations that this server is running.'),
    turns: gauge(
      'chit_turns_waiting',
      'Requests that wait for credits which others of the same account hold.',
    ),
    queue: gauge(
      'chit_ledger_queue_commands',
      'Commands of the ledger that wait, are being written, or are tried again.',
      ['state'],
    ),
    openHolds: gauge('chit_holds_open', 'Open holds in the database, of all servers on it.'),
    oldestHold: gauge('chit_hold_oldest_age_seconds', 'Age of the oldest open hold; 0 if none.'),
    renewalLag: gauge(
      'chit_renewals_lag_seconds',
      'For how long the allowance that is due longest has been; 0 if none is.',
    ),
    lastBackup: gauge(
      'chit_backup_last_success_timestamp_seconds',
      'When the last good backup was made, in seconds since 1970 UTC.',
    ),
    resting: gauge(
      'chit_provider_endpoints_resting',
      'Endpoints of providers that are not asked at present, by reason.',
      ['provider', 'reason'],
    ),
    failing: gauge(
      'chit_model_failing',
      '1 if a model has failed several times in a row, also where a fallback answers for it.',
      ['model'],
    ),
    connections: gauge('chit_database_connections', 'Connections to the database by state.', [
      'pool',
      'state',
    ]),
    connectionWaits: gauge(
      'chit_database_connection_waits',
      'Who waits for a connection to the database.',
      ['pool'],
    ),
    freeBytes: gauge(
      'chit_data_free_bytes',
      'Free space of the file system that the database file is on.',
    ),
  };
}
