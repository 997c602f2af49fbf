/** A slapd of its own: a folder, two ports, a certificate and a few people. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Attribute, Change, Client } from 'ldapts';

const SCHEMAS = '/etc/ldap/schema';
const SLAPD = '/usr/sbin/slapd';
const BASE = 'dc=school,dc=example';
const ROOT = `cn=root,${BASE}`;
const ROOT_PASSWORD = 'the root of this test';
const SERVICE_PASSWORD = 'the service of this test';

export interface Slapd {
  readonly base: string;
  readonly plainUrl: string;
  readonly secureUrl: string;
  readonly caFile: string;
  /** Certificates that have nothing to do with the server. */
  readonly otherCaFile: string;
  readonly serviceDn: string;
  readonly servicePassword: string;
  rename(uid: string, to: string): Promise<void>;
  markLeft(uid: string): Promise<void>;
  /** A server that takes connections and says nothing. */
  silentServer(): Promise<{ readonly url: string; close(): void }>;
  stop(): Promise<void>;
}

export async function startSlapd(): Promise<Slapd> {
  if (!existsSync(SLAPD)) throw new Error('There is no slapd: apt-get install slapd');
  const folder = mkdtempSync(join(tmpdir(), 'chit-slapd-'));
  const [port, securePort] = [await freePort(), await freePort()];
  const [caFile, otherCaFile] = [makeCertificate(folder, 'own'), makeCertificate(folder, 'other')];
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder));
  writeFileSync(join(folder, 'people.ldif'), PEOPLE);
  const files = ['-f', join(folder, 'slapd.conf')];
  execFileSync('/usr/sbin/slapadd', [...files, '-l', join(folder, 'people.ldif')]);
  const urls = `ldap://localhost:${port} ldaps://localhost:${securePort}`;
  const server = spawn(SLAPD, [...files, '-h', urls, '-d', '0'], { stdio: 'ignore' });
  await answering(port, server);
  const plainUrl = `ldap://localhost:${port}`;
  const asRoot = async (work: (client: Client) => Promise<void>) => {
    const client = new Client({ url: plainUrl });
    await client.bind(ROOT, ROOT_PASSWORD);
    await work(client);
    await client.unbind();
  };
  const dnOf = (uid: string) => `uid=${uid},ou=people,${BASE}`;
  return {
    base: BASE,
    plainUrl,
    secureUrl: `ldaps://localhost:${securePort}`,
    caFile,
    otherCaFile,
    serviceDn: `cn=chit,${BASE}`,
    servicePassword: SERVICE_PASSWORD,
    rename: (uid, to) => asRoot((client) => client.modifyDN(dnOf(uid), `uid=${to}`)),
    markLeft: (uid) =>
      asRoot((client) =>
        client.modify(
          dnOf(uid),
          new Change({
            operation: 'add',
            modification: new Attribute({ type: 'employeeType', values: ['left'] }),
          }),
        ),
      ),
    silentServer,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map(
    (it) => `include ${SCHEMAS}/${it}.schema`,
  );
  return [
    ...schemas,
    `pidfile ${join(folder, 'slapd.pid')}`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `TLSCACertificateFile ${join(folder, 'own.pem')}`,
    `TLSCertificateFile ${join(folder, 'own.pem')}`,
    `TLSCertificateKeyFile ${join(folder, 'own.key')}`,
    'database mdb',
    'maxsize 16777216',
    `suffix "${BASE}"`,
    `rootdn "${ROOT}"`,
    `rootpw "${ROOT_PASSWORD}"`,
    `directory ${join(folder, 'data')}`,
    'access to attrs=userPassword by anonymous auth by * none',
    // Nobody but the service reads, so that a search without it finds nothing.
    `access to * by dn.exact="cn=chit,${BASE}" read by * none`,
    '',
  ].join('\n');
}

const person = (uid: string, password: string, more: readonly string[] = [], ou = 'people') => [
  `dn: uid=${uid},ou=${ou},${BASE}`,
  'objectClass: inetOrgPerson',
  `cn: ${uid}`,
  `sn: ${uid}`,
  `userPassword: ${password}`,
  ...more,
  '',
];

const PEOPLE = [
  ...[`dn: ${BASE}`, 'objectClass: dcObject', 'objectClass: organization', 'o: School', ''],
  ...[`dn: ou=people,${BASE}`, 'objectClass: organizationalUnit', ''],
  ...[`dn: ou=others,ou=people,${BASE}`, 'objectClass: organizationalUnit', ''],
  ...[`dn: ou=groups,${BASE}`, 'objectClass: organizationalUnit', ''],
  `dn: cn=chit,${BASE}`,
  ...['objectClass: organizationalRole', 'objectClass: simpleSecurityObject', 'cn: chit'],
  ...[`userPassword: ${SERVICE_PASSWORD}`, ''],
  ...person('zoë', 'geheim ü 1', ['mail: zoe@school.example']),
  ...person('berta', 'secret-b'),
  ...person('carla', 'secret-c'),
  ...person('twin', 'secret-t'),
  ...person('twin', 'secret-t', [], 'others,ou=people'),
  ...[`dn: cn=teachers,ou=groups,${BASE}`, 'objectClass: groupOfNames', 'cn: teachers'],
  ...[`member: uid=berta,ou=people,${BASE}`, ''],
  ...[`dn: cn=admins,ou=groups,${BASE}`, 'objectClass: groupOfNames', 'cn: admins'],
  ...[`member: uid=berta,ou=people,${BASE}`, ''],
]
  .map((line) => (/[^\x20-\x7e]/.test(line) ? encoded(line) : line))
  .join('\n');

/** A line with a value outside of ASCII (RFC 2849). */
function encoded(line: string): string {
  const [name = '', value = ''] = line.split(/: (.*)/s);
  return `${name}:: ${Buffer.from(value).toString('base64')}`;
}

/** A certificate for localhost that certifies itself. @returns its file */
function makeCertificate(folder: string, name: string): string {
  const [key, pem] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', pem, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  return pem;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (server.exitCode !== null) throw new Error(`slapd ended with ${server.exitCode}.`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, 'localhost', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('slapd does not listen.');
}

async function silentServer(): Promise<{ url: string; close(): void }> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `ldap://localhost:${port}`, close: () => void server.close() };
}
