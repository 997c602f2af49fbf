/** What the numbers depend on. Never a host name or a path: results are published. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { median } from '../load/statistics.ts';
import { newFolder, ROOT } from './processes.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  /** What making one written page durable takes, where the databases were. */
  readonly fsyncMs: number;
}

export interface Versions {
  readonly chit: string;
  /** Of the sources; ends in `+changes` if they were not as committed. */
  readonly commit: string;
  readonly node: string;
  readonly sqlite: string;
  /** Only if it was measured. */
  readonly postgres?: string;
}

const PAGE_BYTES = 4_096;
const FSYNCS = 200;

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    os: `${osName()} (${type()} ${release()})`,
    fsyncMs: measureFsync(),
  };
}

export function describeVersions(): Versions {
  return {
    chit: packageJson.version,
    commit: commitOf(ROOT),
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? 'unknown',
  };
}

/** The commit of a checkout; ends in `+changes` if its sources are not as committed. */
export function commitOf(root: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD');
    const changes = git('status', '--porcelain', '--', 'src', 'bench/*.ts', 'package.json');
    return changes === '' ? commit : `${commit}+changes`;
  } catch {
    return 'unknown';
  }
}

function osName(): string {
  if (!existsSync('/etc/os-release')) return type();
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? type();
}

function measureFsync(): number {
  const file = openSync(join(newFolder(), 'fsync'), 'w');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const times: number[] = [];
  for (let count = 0; count < FSYNCS; count += 1) {
    const startedMs = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    times.push(performance.now() - startedMs);
  }
  closeSync(file);
  return median(times);
}
