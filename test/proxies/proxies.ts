/** The proxies, with the configurations of `deploy/proxies/` and nothing changed but places. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './behind.ts';
import { HOST } from './client.ts';

const CONFIGURATIONS = join(import.meta.dirname, '../../deploy/proxies');
const START_WITHIN_MS = 20_000;

export interface RunningProxy {
  readonly httpsPort: number;
  readonly httpPort: number;
  stop(): Promise<void>;
}

interface Place {
  /** A folder of its own. */
  readonly folder: string;
  readonly chitPort: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key together. */
  readonly both: string;
}

/** How the configuration is changed for a test. */
export type Change = (configuration: string) => string;

interface Kind {
  readonly file: string;
  /** The configuration with the places of a test in place of an operator's. */
  readonly placed: (text: string, place: Place) => string;
  readonly command: (path: string, place: Place) => readonly string[];
  readonly version: readonly string[];
}

/** Replaces each text, which must be there. */
function replaced(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((so, [from, to]) => {
    if (!so.includes(from)) throw new Error(`The configuration has no "${from}".`);
    return so.replaceAll(from, to);
  }, text);
}

export const PROXIES: Readonly<Record<string, Kind>> = {
  nginx: {
    file: 'nginx.conf',
    version: ['nginx', '-v'],
    placed: (text, it) => {
      const site = replaced(text, {
        'server 127.0.0.1:8000': `server 127.0.0.1:${it.chitPort}`,
        'listen 80;': `listen ${it.httpPort};`,
        'listen 443 ': `listen ${it.httpsPort} `,
        '/etc/ssl/chat.example.org/fullchain.pem': it.certificate,
        '/etc/ssl/chat.example.org/privkey.pem': it.key,
      });
      const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${it.folder}/${name};`)
        .join('\n');
      // Its workers would be another user, who cannot enter the folder.
      const user = process.getuid?.() === 0 ? 'user root;\n' : '';
      return (
        `${user}daemon off;\npid ${it.folder}/pid;\nerror_log ${it.folder}/error.log;\n` +
        `events {}\nhttp {\naccess_log off;\n${folders}\n${site}}\n`
      );
    },
    command: (path) => ['nginx', '-c', path],
  },
  caddy: {
    file: 'Caddyfile',
    version: ['caddy', 'version'],
    placed: (text, it) => {
      const ports = `http_port ${it.httpPort}\n\thttps_port ${it.httpsPort}`;
      const site = replaced(text, {
        '{$SITE:chat.example.org} {': `${HOST} {\n\ttls ${it.certificate} ${it.key}`,
        '{$UPSTREAM:127.0.0.1:8000}': `127.0.0.1:${it.chitPort}`,
      });
      return `{\n\tadmin off\n\t${ports}\n}\n${site}`;
    },
    command: (path) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', path],
  },
  haproxy: {
    file: 'haproxy.cfg',
    version: ['haproxy', '-v'],
    placed: (text, it) =>
      replaced(text, {
        'server chit 127.0.0.1:8000': `server chit 127.0.0.1:${it.chitPort}`,
        'bind :80\n': `bind 127.0.0.1:${it.httpPort}\n`,
        'bind :443 ': `bind 127.0.0.1:${it.httpsPort} `,
        '/etc/haproxy/chat.example.org.pem': it.both,
      }),
    command: (path) => ['haproxy', '-db', '-f', path],
  },
};

/** Its version as it tells it, or undefined if it is not installed. */
export function versionOf({ version }: Kind): string | undefined {
  try {
    // nginx tells it on stderr.
    const output = execFileSync('sh', ['-c', `${version.join(' ')} 2>&1`], { encoding: 'utf8' });
    return output.split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Makes a certificate for the host of the tests. */
export function makeCertificate(folder: string): Pick<Place, 'certificate' | 'key' | 'both'> {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const both = join(folder, 'both.pem');
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  const out = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...name, ...out], { stdio: 'ignore' });
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  return { certificate, key, both };
}

let started = 0;

/** Starts a proxy in front of a port. */
export async function startProxy(
  kind: Kind,
  { scratch, chitPort }: { readonly scratch: string; readonly chitPort: number },
  change: Change = (text) => text,
): Promise<RunningProxy> {
  started += 1;
  const folder = join(scratch, `proxy-${started}`);
  mkdirSync(folder);
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const place = { folder, chitPort, httpPort, httpsPort, ...makeCertificate(folder) };
  const path = join(folder, kind.file);
  const text = change(readFileSync(join(CONFIGURATIONS, kind.file), 'utf8'));
  writeFileSync(path, kind.placed(text, place));
  const [program = '', ...args] = kind.command(path, place);
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const read = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await untilListening(child, httpsPort, () => output);
  return {
    httpPort,
    httpsPort,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function untilListening(
  child: ChildProcess,
  port: number,
  output: () => string,
): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  while (Date.now() < until && child.exitCode === null) {
    if (await canConnect(port)) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`The proxy did not start:\n${output()}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
