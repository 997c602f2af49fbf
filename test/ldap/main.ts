/**
 * `npm run test:ldap`: signs in by a real LDAP server, Debian's slapd (`apt-get install slapd`),
 * by StartTLS, by ldaps:// and in the clear, with good and bad certificates. Needs slapd and
 * openssl. Exits with 1 if anything is wrong.
 */
import assert from 'node:assert/strict';
import { logIn } from '../../src/app/accounts/log-in.ts';
import { createGroup } from '../../src/app/groups/manage-groups.ts';
import { LdapChecks } from '../../src/auth/ldap/ldap-checks.ts';
import { LdapDirectories } from '../../src/auth/ldap/ldap-directory.ts';
import type { Chit } from '../../src/compose.ts';
import type { LdapSettings } from '../../src/core/ldap.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { readDeployment } from '../../src/models/deployment-file/read-deployment.ts';
import { openTestChit } from '../support/chit.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { type Slapd, startSlapd } from './slapd.ts';

const slapd = await startSlapd();
const faults: string[] = [];
try {
  const checks: Record<string, (at: Slapd) => Promise<void>> = {
    'somebody signs in by StartTLS, by ldaps:// and in the clear': signsIn,
    'groups of the directory become groups and staff': bringsGroups,
    'wrong, empty and odd passwords and names open nothing': refuses,
    'a certificate of somebody else is refused': checksCertificates,
    'who is renamed keeps the account, who is locked or gone loses it': follows,
    'a server that is down or silent is told, in time': tellsFaults,
  };
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(slapd);
      say(`ok  ${name}`);
    } catch (error) {
      faults.push(name);
      say(`NOT ${name}\n${(error as Error).stack}`);
    }
  }
} finally {
  await slapd.stop();
}
if (faults.length > 0) process.exitCode = 1;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Settings as they are read from a file. */
function settingsOf(at: Slapd, more: object = {}): LdapSettings {
  const text = JSON.stringify({
    models: [{ name: 'demo', provider: 'demo', price: { perMessage: 'free' } }],
    ldap: {
      url: at.plainUrl,
      startTls: true,
      caFile: at.caFile,
      bindDn: at.serviceDn,
      bindPasswordEnv: 'LDAP_PASSWORD',
      base: `ou=people,${at.base}`,
      filter: '(&(objectClass=inetOrgPerson)(uid={username})(!(employeeType=left)))',
      groupSearch: { base: `ou=groups,${at.base}`, filter: '(member={dn})' },
      ...more,
    },
  });
  const environment = { LDAP_PASSWORD: at.servicePassword };
  const { ldap } = readDeployment(text, { file: 'chit.json', environment });
  assert.ok(ldap);
  return ldap;
}

/** Runs something on a new database, with this directory. */
async function withDirectory<T>(
  settings: LdapSettings,
  work: (site: {
    readonly chit: Chit;
    signIn(username: string, password: string): ReturnType<typeof logIn>;
  }) => Promise<T>,
): Promise<T> {
  const chit = await openTestChit('sqlite::memory:', scriptedModel(flatPrice(1)));
  Object.assign(chit.context, {
    ldap: new LdapDirectories(() => settings),
    ldapChecks: new LdapChecks(),
  });
  let addresses = 0;
  const signIn = (username: string, password: string) => {
    addresses += 1;
    return logIn(chit.context, { username, password, address: `10.0.0.${addresses}` });
  };
  try {
    return await work({ chit, signIn });
  } finally {
    await chit.close();
  }
}

async function signsIn(at: Slapd): Promise<void> {
  const ways = [
    settingsOf(at),
    settingsOf(at, { url: at.secureUrl, startTls: false }),
    settingsOf(at, { startTls: false, caFile: undefined }),
    // The first server is down.
    settingsOf(at, { url: ['ldap://localhost:1', at.plainUrl] }),
  ];
  for (const settings of ways) {
    await withDirectory(settings, async ({ chit, signIn }) => {
      const { userId } = await signIn('zoë', 'geheim ü 1');
      const user = await chit.context.users.byId(userId);
      assert.equal(user?.username, 'zoë');
      assert.equal((await chit.context.emails.of(userId))?.email, 'zoe@school.example');
      const subject = await chit.context.ldapUsers.subjectOf(userId);
      assert.match(subject ?? '', /^entryuuid:[0-9a-f-]{36}$/);
      assert.equal((await signIn('ZOË', 'geheim ü 1')).userId, userId);
    });
  }
}

async function bringsGroups(at: Slapd): Promise<void> {
  const groups = { [`CN=Teachers, ou=groups,${at.base}`]: 'Teachers' };
  const staff = [`cn=admins,ou=groups,${at.base}`];
  await withDirectory(settingsOf(at, { groups, staff }), async ({ chit, signIn }) => {
    const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
    const wanted = { name: 'Teachers', hasPool: true, models: undefined };
    await createGroup(chit.context, by, wanted);
    const { userId } = await signIn('berta', 'secret-b');
    const own = await chit.context.groups.ofUser(userId, 10);
    assert.deepEqual(
      own.map(({ group }) => group.name),
      ['Teachers'],
    );
    assert.equal((await chit.context.users.byId(userId))?.isStaff, true);
    const other = await signIn('zoë', 'geheim ü 1');
    assert.deepEqual(await chit.context.groups.ofUser(other.userId, 10), []);
    assert.equal((await chit.context.users.byId(other.userId))?.isStaff, false);
  });
}

async function refuses(at: Slapd): Promise<void> {
  await withDirectory(settingsOf(at), async ({ chit, signIn }) => {
    for (const [name, password] of [
      ['zoë', 'wrong'],
      ['zoë', ''],
      ['zoë', '\0'],
      ['*', 'geheim ü 1'],
      ['zo*', 'geheim ü 1'],
      ['zoë)(uid=*', 'geheim ü 1'],
      ['\\', 'x'],
      ['nobody', 'x'],
      // Two entries have this one.
      ['twin', 'secret-t'],
    ] as const) {
      await assert.rejects(signIn(name, password), { code: 'invalid_credentials' }, name);
    }
    assert.equal((await chit.context.users.list({ afterId: -1, limit: 5 })).length, 0);
  });
}

async function checksCertificates(at: Slapd): Promise<void> {
  const ways = [
    settingsOf(at, { caFile: at.otherCaFile }),
    settingsOf(at, { caFile: undefined }),
    settingsOf(at, { url: at.secureUrl, startTls: false, caFile: at.otherCaFile }),
    // The certificate is for localhost.
    settingsOf(at, { url: at.plainUrl.replace('localhost', '127.0.0.1') }),
  ];
  for (const settings of ways) {
    await withDirectory(settings, async ({ signIn }) => {
      await assert.rejects(signIn('zoë', 'geheim ü 1'), { code: 'directory_unavailable' });
    });
  }
}

async function follows(at: Slapd): Promise<void> {
  await withDirectory(settingsOf(at), async ({ chit, signIn }) => {
    const { userId } = await signIn('carla', 'secret-c');
    const subject = await chit.context.ldapUsers.subjectOf(userId);
    assert.ok(subject);
    const directory = chit.context.ldap.current;
    const isThere = () => directory?.isThere(subject, { key: '', isKnown: true });
    assert.equal(await isThere(), true);
    await at.rename('carla', 'carla.berg');
    assert.equal((await signIn('carla.berg', 'secret-c')).userId, userId);
    assert.equal(await isThere(), true);
    await at.markLeft('carla.berg');
    await assert.rejects(signIn('carla.berg', 'secret-c'), { code: 'invalid_credentials' });
    assert.equal(await isThere(), false);
  });
}

async function tellsFaults(at: Slapd): Promise<void> {
  const silent = await at.silentServer();
  for (const settings of [
    settingsOf(at, { url: 'ldap://localhost:1' }),
    settingsOf(at, { url: silent.url, timeoutSeconds: 0.5 }),
    settingsOf(at, { url: silent.url, timeoutSeconds: 0.5, startTls: false }),
    settingsOf(at, { bindDn: `cn=nobody,${at.base}` }),
  ]) {
    await withDirectory(settings, async ({ signIn }) => {
      const began = performance.now();
      await assert.rejects(signIn('zoë', 'geheim ü 1'), { code: 'directory_unavailable' });
      assert.ok(performance.now() - began < 4_000);
    });
  }
  silent.close();
}
