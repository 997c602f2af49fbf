/** The overhead of Chit between a client and a provider, hold and settle included. */

import { median } from '../load/statistics.ts';
import type { StreamJob, StreamResult } from '../load/stream-job.ts';
import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { type Relay, startRelay, streamRequest, wholeRequest } from '../setup/relay.ts';
import { type BenchServer, StreamReader } from '../system/processes.ts';
import { cpuMs, peakWhile } from '../system/resources.ts';
import { type Beside, measureBeside } from './beside.ts';

export const STREAMS = { streams: 500, chunks: 50, delayMs: 20 } as const;
const CONNECTIONS = [1, 32] as const;
/** Short streams, for the time until the first piece. */
const FIRST = { chunks: 3, delayMs: 0 } as const;

export interface RelaySpeed {
  /** Complete responses: Chit first, the provider alone second. */
  readonly whole: readonly Comparison[];
  readonly firstPiece: { readonly chit: FirstPiece; readonly direct: FirstPiece };
  readonly many: { readonly chit: StreamResult; readonly direct: StreamResult };
  /** CPU time per chunk of those many streams, in microseconds. */
  readonly cpuPerPieceUs: number;
  /** Peak memory while they were open. */
  readonly peakMb: number;
  /** Whole answers, first, beside what else answers them. */
  readonly beside: Beside;
}

interface FirstPiece {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Measured {
  readonly speed: RelaySpeed;
  readonly checks: readonly LedgerCheck[];
}

/** Whole answers and streams, through Chit and from the provider itself. */
export async function measureRelay(bench: Bench): Promise<Measured> {
  const { progress } = bench;
  progress.show('relay: starting');
  const relay = await startRelay();
  const reader = new StreamReader();
  const chit: Side = {
    name: 'Chit',
    port: relay.chit.port,
    requests: relay.keys.map(wholeRequest),
    results: [],
  };
  const direct: Side = { ...chit, name: 'the provider', port: relay.provider.port, results: [] };
  await warmUp(bench, 'relay', [chit, direct]);
  const whole: Comparison[] = [];
  for (const connections of CONNECTIONS) {
    whole.push(await takeTurns(bench, 'relay', [chit, direct], connections));
  }
  const { beside, check: chatsCheck } = await measureBeside(bench, relay, chit);
  const streams = new Streams(bench, relay, reader);
  const firstPiece = await streams.firstPieces();
  const many = await streams.many();
  reader.stop();
  await relay.chit.stop();
  await relay.provider.stop();
  const streamed = { answered: streams.answered, otherStatuses: {} };
  const check = await checkLedger('Chit (relay)', relay.workspace, [...chit.results, streamed]);
  return { speed: { whole, firstPiece, beside, ...many }, checks: [check, chatsCheck] };
}

/** Streams, read through Chit and from the provider in turns. */
class Streams {
  readonly #bench: Bench;
  readonly #relay: Relay;
  readonly #reader: StreamReader;
  /** Streams that Chit relayed. */
  answered = 0;

  constructor(bench: Bench, relay: Relay, reader: StreamReader) {
    this.#bench = bench;
    this.#relay = relay;
    this.#reader = reader;
  }

  async firstPieces(): Promise<RelaySpeed['firstPiece']> {
    const { plan, progress } = this.#bench;
    const rounds: Record<'chit' | 'direct', StreamResult[]> = { chit: [], direct: [] };
    const asked = { ...FIRST, streams: 1, times: plan.relayStreams };
    for (let round = 0; round < plan.chatRounds; round += 1) {
      progress.show(`relay: first pieces, round ${round + 1} of ${plan.chatRounds}`);
      for (const side of ['chit', 'direct'] as const) {
        rounds[side].push(await this.#read(this.#relay[sideOf(side)], asked));
      }
    }
    const speedOf = (results: readonly StreamResult[]): FirstPiece => ({
      p50Ms: median(results.map(({ firstP50Ms }) => firstP50Ms)),
      p99Ms: median(results.map(({ firstP99Ms }) => firstP99Ms)),
    });
    return { chit: speedOf(rounds.chit), direct: speedOf(rounds.direct) };
  }

  async many(): Promise<Pick<RelaySpeed, 'many' | 'cpuPerPieceUs' | 'peakMb'>> {
    const { progress, plan } = this.#bench;
    const asked = { ...STREAMS, times: plan.relayTimes };
    progress.show('relay: many streams, the provider');
    const direct = await this.#read(this.#relay.provider, asked);
    progress.show('relay: many streams, Chit');
    const { pid } = this.#relay.chit;
    await this.#read(this.#relay.chit, { ...asked, times: 1 });
    const before = cpuMs(pid);
    const { result, peakMb } = await peakWhile(pid, () => this.#read(this.#relay.chit, asked));
    const cpuPerPieceUs = ((cpuMs(pid) - before) / result.pieces) * 1000;
    return { many: { chit: result, direct }, cpuPerPieceUs, peakMb };
  }

  #read(
    { port }: BenchServer,
    { delayMs, ...asked }: Omit<StreamJob, 'port' | 'request'> & { readonly delayMs: number },
  ): Promise<StreamResult> {
    const { chunks, streams, times } = asked;
    if (port === this.#relay.chit.port) this.answered += streams * times;
    const request = streamRequest(this.#relay.keys[0] as string, { chunks, delayMs });
    return this.#reader.run({ port, request, ...asked });
  }
}

function sideOf(side: 'chit' | 'direct'): 'chit' | 'provider' {
  return side === 'chit' ? 'chit' : 'provider';
}
