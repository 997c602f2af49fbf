/** The results of relaying, as text. */
import type { Beside } from '../measure/beside.ts';
import { type CountingSpeed, TEXTS } from '../measure/counting.ts';
import type { LeavingMemory } from '../measure/leaving.ts';
import { type RelaySpeed, STREAMS } from '../measure/relay.ts';
import { cells, comparisonCells, comparisonHead, type Section, verdict } from './parts.ts';

const TARGETS = {
  addedP50Ms: 1,
  ofChats: 0.7,
  ofPortkey: 3,
  perSecond: 2_500,
  perSecondConnections: 32,
  lateP50Ms: 5,
  lateP99Ms: 50,
  cpuPerPieceUs: 35,
  peakMb: 300,
  /** What texts that are counted add to the 99th percentile of others. */
  countingP99Ms: 20,
  /** The end beside the time when caches were filled, of memory while readers leave. */
  growth: 1.1,
} as const;

/** Whole answers, first pieces and many streams, through Chit and from the provider itself. */
export function relaySections(relay: RelaySpeed): Section[] {
  const { whole, firstPiece, many } = relay;
  const rows = whole.map((it) => {
    const added = (share: 'p50Ms' | 'p99Ms') => it.first[share] - it.second[share];
    return [
      ...comparisonCells(it),
      `${added('p50Ms').toFixed(2)} ms at p50, ${added('p99Ms').toFixed(2)} at p99`,
      wholeVerdict(it),
    ];
  });
  const head = comparisonHead('Chit', 'provider');
  const titles = [...head.slice(0, -1), 'added', 'target'];
  const { chit, direct } = firstPiece;
  const first = ['first piece of a stream', ms(chit.p50Ms), ms(chit.p99Ms)];
  const { streams, chunks, delayMs } = STREAMS;
  return [
    {
      title: 'POST /v1/chat/completions, Chit and the provider alone',
      table: { head: titles, rows },
    },
    {
      title: `Streams, ${streams} at once of ${chunks} pieces every ${delayMs} ms`,
      table: {
        head: ['', 'Chit p50 ms', 'p99 ms', 'provider p50 ms', 'p99 ms', 'target'],
        rows: [
          [...first, ms(direct.p50Ms), ms(direct.p99Ms), ''],
          [
            ...['how late a piece is', ms(many.chit.lateP50Ms), ms(many.chit.lateP99Ms)],
            ...[ms(many.direct.lateP50Ms), ms(many.direct.lateP99Ms)],
            latenessVerdict(many.chit),
          ],
        ],
      },
      lines: streamLines(relay),
    },
    besideSection(relay.beside),
  ];
}

/** Relayed answers beside chats, which ask nobody, and beside a gateway that keeps no balance. */
function besideSection({ chats, portkey }: Beside): Section {
  const rows = [
    ['chats', ...comparisonCells(chats), ratioVerdict(chats.ratio, TARGETS.ofChats)],
    ...(typeof portkey === 'string'
      ? []
      : [['Portkey', ...comparisonCells(portkey), ratioVerdict(portkey.ratio, TARGETS.ofPortkey)]]),
  ];
  return {
    title: 'POST /v1/chat/completions, Chit and others',
    table: { head: ['beside', ...comparisonHead('Chit', 'other')], rows },
    lines: typeof portkey === 'string' ? [`Portkey: ${portkey}`] : [],
  };
}

function ratioVerdict(ratio: number, target: number): string {
  return `>= ${target}: ${verdict(ratio >= target)}`;
}

function latenessVerdict({ lateP50Ms, lateP99Ms }: RelaySpeed['many']['chit']): string {
  return (
    `p50 <= ${TARGETS.lateP50Ms} ms: ${verdict(lateP50Ms <= TARGETS.lateP50Ms)}; ` +
    `p99 <= ${TARGETS.lateP99Ms} ms: ${verdict(lateP99Ms <= TARGETS.lateP99Ms)}`
  );
}

/** Answers of others beside texts that are counted. */
export function countingSection({ calm, beside, addedP99Ms, answeredMs }: CountingSpeed): Section {
  const { requests, bytes } = TEXTS;
  const isReached = addedP99Ms <= TARGETS.countingP99Ms;
  const target = `p99 + ${TARGETS.countingP99Ms} ms: ${verdict(isReached)}`;
  return {
    title: `Others, beside ${requests} requests of ${bytes / 1_000_000} MB of words at once`,
    table: {
      head: ['', 'answers/s', 'p50 ms', 'p99 ms', 'target'],
      rows: [
        ['alone', ...cells(calm), ''],
        ['beside them', ...cells(beside), `${ms(addedP99Ms)} more; ${target}`],
      ],
    },
    lines: [`all of the texts were answered after ${(answeredMs / 1_000).toFixed(1)} s`],
  };
}

function wholeVerdict({ connections, first, second }: RelaySpeed['whole'][number]): string {
  if (connections === 1) {
    const isNear = first.p50Ms - second.p50Ms <= TARGETS.addedP50Ms;
    return `p50 + ${TARGETS.addedP50Ms} ms: ${verdict(isNear)}`;
  }
  if (connections !== TARGETS.perSecondConnections) return '';
  return `>= ${TARGETS.perSecond}/s: ${verdict(first.perSecond >= TARGETS.perSecond)}`;
}

function streamLines({ many, cpuPerPieceUs, peakMb }: RelaySpeed): string[] {
  const { pieces, lost } = many.chit;
  return [
    `${pieces.toLocaleString('en')} pieces came through Chit, ${lost} were lost`,
    `${cpuPerPieceUs.toFixed(0)} µs on a processor for each piece ` +
      `(<= ${TARGETS.cpuPerPieceUs}: ${verdict(cpuPerPieceUs <= TARGETS.cpuPerPieceUs)})`,
    `memory while they were open: ${peakMb.toFixed(0)} MB at most ` +
      `(<= ${TARGETS.peakMb} MB: ${verdict(peakMb <= TARGETS.peakMb)})`,
  ];
}

/** Memory while readers leave. */
export function leavingSection({ minutes, streams, residentMb }: LeavingMemory): Section {
  // Caches fill and code is compiled at first; what grows after that would grow for ever.
  const filled = residentMb[2] ?? Number.NaN;
  const last = residentMb.at(-1) ?? Number.NaN;
  const isFlat = last <= filled * TARGETS.growth;
  return {
    title: `Memory over ${minutes} minutes of streams whose readers leave`,
    lines: [
      `${streams.toLocaleString('en')} streams, each left after a fifth`,
      `MB at the end of each tenth: ${residentMb.map((it) => it.toFixed(0)).join(', ')} ` +
        `(last <= ${TARGETS.growth} of the third: ${verdict(isFlat)})`,
    ],
  };
}

function ms(value: number): string {
  return value.toFixed(2);
}
