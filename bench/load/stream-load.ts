/** The stream reader: a separate process, like the load generator. */
import { connect, type Socket } from 'node:net';
import { answerJobs } from './jobs.ts';
import { Latencies, percentile } from './statistics.ts';
import type { StreamJob, StreamResult } from './stream-job.ts';

const MARK = /@(\d+)@/g;
const END = '0\r\n\r\n';
/** A mark is never longer, so it is whole in the end of one read and the beginning of the next. */
const LONGEST_MARK = 24;
/** Opens so many connections at once; more, and the kernel may drop some. */
const OPENING = 64;

interface Seen {
  readonly first: Latencies;
  readonly late: Latencies;
}

async function run(job: StreamJob): Promise<StreamResult> {
  const seen: Seen = { first: new Latencies(), late: new Latencies() };
  const sockets: Socket[] = [];
  while (sockets.length < job.streams) {
    const some = Math.min(OPENING, job.streams - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => open(job.port)))));
  }
  const pieces = await Promise.all(sockets.map((socket) => readAll(socket, job, seen)));
  for (const socket of sockets) socket.destroy();
  const total = pieces.reduce((sum, count) => sum + count, 0);
  const first = seen.first.sorted();
  const late = seen.late.sorted();
  return {
    firstP50Ms: percentile(first, 0.5),
    firstP99Ms: percentile(first, 0.99),
    lateP50Ms: percentile(late, 0.5),
    lateP99Ms: percentile(late, 0.99),
    pieces: total,
    lost: job.leaveAfter === undefined ? job.streams * job.times * job.chunks - total : 0,
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.setEncoding('latin1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function readAll(socket: Socket, job: StreamJob, seen: Seen): Promise<number> {
  let pieces = 0;
  let current = socket;
  for (let time = 0; time < job.times; time += 1) {
    if (current.destroyed) current = await open(job.port);
    pieces += await readOne(current, job, seen);
  }
  current.destroy();
  return pieces;
}

/** Reads one stream; resolves to the number of chunks. */
function readOne(socket: Socket, job: StreamJob, { first, late }: Seen): Promise<number> {
  return new Promise((resolve, reject) => {
    const sentAt = process.hrtime.bigint();
    let rest = '';
    let pieces = 0;
    const done = () => {
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(pieces);
    };
    const onClose = () => reject(new Error(`A stream was cut off after ${pieces} pieces.`));
    const onData = (text: string) => {
      const now = process.hrtime.bigint();
      const all = rest + text;
      let after = 0;
      for (const mark of all.matchAll(MARK)) {
        if (pieces === 0) first.add(Number(now - sentAt) / 1e6);
        late.add(Number(now - BigInt(mark[1] as string)) / 1e6);
        pieces += 1;
        after = mark.index + mark[0].length;
      }
      rest = all.slice(Math.max(after, all.length - LONGEST_MARK));
      if (pieces >= (job.leaveAfter ?? Number.POSITIVE_INFINITY)) {
        done();
        socket.destroy();
      } else if (rest.endsWith(END)) {
        done();
      }
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(job.request);
  });
}

answerJobs(run);
