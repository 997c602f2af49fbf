/** A migration that has landed never changes: databases that ran it would miss the change. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { ledgerFunctions } from '../../../src/ledger/postgres/functions.ts';
import { migrationsFor, obstacleFor } from '../../../src/store/database/migrate.ts';
import {
  postgresFlavour,
  SQLITE_FLAVOUR,
  type SqlFlavour,
} from '../../../src/store/database/sql-flavour.ts';

const FUNCTIONS = join(import.meta.dirname, '../../../src/ledger/postgres/functions');

/** SHA-256 of the SQL of each migration. A new migration adds a line; no line ever changes. */
const FROZEN: Record<string, Record<SqlFlavour['database'], string>> = {
  '0001-initial': {
    SQLite: '3837336dde25b4df8bb072655db643594dca874b1e3df363a9808ca3be0186dc',
    PostgreSQL: '6fc1405e96d8b6ffba2fa475b7eb69c42e5505f42124042b50222c885a8881f0',
  },
  '0002-administration': {
    SQLite: 'de58ceb42c861eccc3c77284ef949ca9d69a617a428c416c7ff62f6e4d64d81c',
    PostgreSQL: 'a8840460e85a765523c42592551e101b46a08afb7325d8d183e57e464f404c1c',
  },
  '0003-codes-and-names': {
    SQLite: '148fab78aaf635c08f40d1b99f3db63e798aa7aa8397aeb5347c9777584f73f3',
    PostgreSQL: '5cec67a8aa4454c2e596598c865f1946f2592c53738108a5dfb7fc0ebc628bc9',
  },
  '0004-sign-in': {
    SQLite: '3f292dfced0d27418e11759222cba2feb2f90d4a4298afdd68ef151ce061c117',
    PostgreSQL: 'ce983cbddc8ef84ad3da512a1a62a2ed194bc92b137102933d81aa488ad65056',
  },
  '0005-endings': {
    SQLite: '2ee760fa117466b888c4ba41b8a4ae8de81828c2119a4429369598fdaf50daa6',
    PostgreSQL: '45a04868452bb056e4b55d2636a43eec326298f6409a3e2fedc688d33a658775',
  },
  '0006-usage-by-unit': {
    SQLite: '9af3707d81a2a88730bd447018141572fec7565e57c9c260ab6ae56316f767aa',
    PostgreSQL: '3427ee6d2968d21c2aaf91f093a92b17d8d58df184a6232966e7871e13973525',
  },
  '0007-limits': {
    SQLite: '4d72055331ad61231847978e288006eadad152b72351daa4a3a1fbd40db87097',
    PostgreSQL: '9575e329ebb6484bdb46a89727bbcd77c46a12ac3533c61993b2b67d8729d7e3',
  },
  '0008-servers': {
    SQLite: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    PostgreSQL: '8e52bff020ee1391a7feeb268d37c88eb5655a4a44fe09b7993fdee1764b3e37',
  },
  '0009-plan-changes': {
    SQLite: 'dfa459c7cf9f4956d852e615c554d5455600a3d23d9ccc14f85d7e006c6708bf',
    PostgreSQL: '4b3e340d3dd69fbbd7e6373ebb5ca36f481006d09d0558283ff842129a4d0c41',
  },
  '0010-retention.since-0009': {
    SQLite: 'e7fcca86dcdda8af926bb89f1a6e6e457818dc20935722dededb781c3e49f33a',
    PostgreSQL: 'b9d41f1f2bca8b547a3b1c3ee934c647ea46028d401d0cec4e39711635e60d58',
  },
  '0011-limits-in-batches': {
    SQLite: '59870ae1b28a0a116b08ebfbcde53f8d83e13c7f40220fa2185b1718862708bb',
    PostgreSQL: 'b42839bf345c7dcfed82da4e2464b4caf66984b49581549317fe9f54227454c3',
  },
  '0012-files.since-0011': {
    SQLite: '5aa4ad33a639bbdf3e398c451f9a2023830435a6ef66223c9bc54a49ca2b331e',
    PostgreSQL: '3582e4d7396e5e1308a3ff5ece81139f32b6d35d2b29ee9a852df1147b2ebfd0',
  },
  '0013-thinking.since-0011': {
    SQLite: 'af036a3a0bf14c6aaaeb980705b51a44f91a1dcf1aee236f6d72a405e623bd9d',
    PostgreSQL: '901b68e5de7751c3607f40dfcc44cde96ec55942e229a059fa9d59eb02cc1b86',
  },
  '0014-order.since-0011': {
    SQLite: '2cd7567cd3e2d0636a402170d8ac1f1c37db4772f20feeedc1882e4948212fea',
    PostgreSQL: 'ddce6bdf856e43e0271b7b7f8962f12de1954e22f8b5341e0e10571b5f012ab3',
  },
  '0015-tools.since-0011': {
    SQLite: 'b87038afb45aacc44b289ace630e2bd5fd5602a7da4fa3f11da0dfd04174904f',
    PostgreSQL: '43248e9f510ff312934bf7b81f6309bbf2989d82a79b04b732423041165d80a3',
  },
  '0016-shares.since-0011': {
    SQLite: '69b7e03bb94dfc35260a27aa1cd047f30a451b0927b4fd3b194f1d8adf675819',
    PostgreSQL: '4ef9e0c91eb0ab2dd4111f36e85df18fb2021dccf2fee187df0f7e30bbcafc7a',
  },
  '0017-prompts.since-0011': {
    SQLite: 'ce891ccab066101196d7dd748552ebbbe68c2fa309421a9203408c3c74f9af9d',
    PostgreSQL: 'd82d7baa6185818bd9bcb520b2cf9e5ef1f684921263dee8ad832c157dd09327',
  },
  '0018-session-devices.since-0011': {
    SQLite: '544448e6f99adc9ebb155cbcd936f8c162e0e18d683b2c88ca5be5e937fb9fc5',
    PostgreSQL: '6d9c882d862fcdecd2a2cf0816503ab47728fa640a225782d372b1e038d40776',
  },
  '0019-emails.since-0018': {
    SQLite: 'e1dfa33fe77dd74b93abd764ba49a5ef7b863764b391c361b03ded2d1b277680',
    PostgreSQL: '0a149331d23ef8d8b81b5bb253889c81d9b2df23fc7c1bd68f1fa2fdca4cf7b4',
  },
  '0020-sign-in-providers.since-0018': {
    SQLite: 'f790e4353fb887ef97235213530737eaa959256d3da86f37799774b5400f1be9',
    PostgreSQL: '62ed4558393404df06dc7f903fa94dc846223337ac432fbe9187d319fb287df4',
  },
  '0021-directory.since-0018': {
    SQLite: '4d395e1ecc0d640fa3e916260fe4d7facf28a407faf913e31f8c34d228b79475',
    PostgreSQL: 'e9d2c03b6f0bd33542a3ee9c18cb835c94dbdcc453054b353aa098313c82ebc7',
  },
  '0022-factors.since-0018': {
    SQLite: '2747446a7b9448ed480fb49fe8a968da70fc7ea2605d55d8851365234c1c298a',
    PostgreSQL: 'bffc7c54612d73eea756ed57d8e68489eafab2ec0af31ac9daf539452390c7ac',
  },
  '0023-notices.since-0018': {
    SQLite: 'ea02bcfae80cc676194cbf3a304663d5e0aad495ccc2c062ff42ccecb471a15f',
    PostgreSQL: 'a9f0a75fab07de05bb24dd51010fdbbba7ec13ad2d8ad7e5038a15297d507005',
  },
  '0024-invitations.since-0018': {
    SQLite: 'a1a257985dfd209465b375ea4863cf338726226bc4fb0a619d706eacdbd30c6c',
    PostgreSQL: 'e1e1a5a71f4dbafae77ff3ec47e5d38e49d74073e708bb3a7d91594acd817d3c',
  },
  '0025-admin-keys.since-0018': {
    SQLite: '5b61bff1708f825895ffa526c3e9356f300e774bc3706250c6f105fa98fbdf6e',
    PostgreSQL: '9061c307ade531099153e7bd1a6d96d6e10a6f3f344572d0ddac9a000469ef2f',
  },
  '0026-appearance.since-0018': {
    SQLite: '5a43c67049806f874a266b34fa7310d04753ac7773da95030ba985e5bbd27675',
    PostgreSQL: 'a5859b291f49358f7a70cf9aabdcaf77e7671f281f77d85c89de53771a15b94b',
  },
  '0027-session-places.since-0018': {
    SQLite: '09531456efbaa3e5e3c303677ced03cefaae2a0aacb600118bffc3b99cfcf0cd',
    PostgreSQL: '6b37acc04e8b3f2be7a5887e414ce27e4993a44d334a23bc475661f01f2820cc',
  },
  '0028-own-proofs.since-0018': {
    SQLite: 'e5d99d39e3d648fc4103625f5bb80c66a8cfb2531982296bffc8324160668951',
    PostgreSQL: 'e5d99d39e3d648fc4103625f5bb80c66a8cfb2531982296bffc8324160668951',
  },
  '0029-arrivals.since-0018': {
    SQLite: '7ca423f7a8e480fa1d4ec2e8d849e6ecaa2fb10b1989d64f252ef14a93106045',
    PostgreSQL: '88f5f4de950ac5f67bcab7fb070346ed3cd633fbb7ff84ae066edc77cadae2bf',
  },
  '0030-mail-queue.since-0018': {
    SQLite: '4e3b599b3b42220b42c9b00d3b25e32abae243c800d13521103419f9811b25de',
    PostgreSQL: '0e998da8bf1eb9b89b901f2391e47cbfcf20779bce17be64584557a77ed3a43c',
  },
  '0031-provider-sign-outs.since-0018': {
    SQLite: 'b6f7e56bef4c791a5e75a8608dcc19d5cf0c1e0ff06594905c45f6a0d1dd7f6a',
    PostgreSQL: '4f160a10c0ca21f13780bd1fdebcbf8a8a4e3bb91de09bdb6bf74926a152fd19',
  },
  '0032-assistant-files.since-0018': {
    SQLite: '7da5ee181a74cc9690730b8caac74adba451ce76f8a6c0b8671779187a05beca',
    PostgreSQL: '926a0eee8301ce0ac2950bf510871365f10bf7e212bcb76e3d7d7d933a18f406',
  },
};

for (const flavour of [SQLITE_FLAVOUR, postgresFlavour(ledgerFunctions)]) {
  test(`every migration runs the same SQL on ${flavour.database} for ever`, async () => {
    const hashes: Record<string, string> = {};
    for (const [name, { up }] of Object.entries(migrationsFor(flavour))) {
      const statements = await statementsOf(up);
      hashes[name] = createHash('sha256').update(statements.join(';\n')).digest('hex');
    }
    const frozen = Object.entries(FROZEN).map(([name, hash]) => [name, hash[flavour.database]]);
    assert.deepEqual(hashes, Object.fromEntries(frozen));
  });
}

test('migrations are numbered with four digits, without gaps, in the order in which they run', () => {
  const names = Object.keys(migrationsFor(SQLITE_FLAVOUR));
  const numbers = names.map((name) =>
    Number(/^(\d{4})-[a-z0-9-]+(\.since-\d{4})?$/.exec(name)?.[1]),
  );
  assert.deepEqual(
    numbers,
    names.map((_, index) => index + 1),
  );
});

test('a program goes on after those newer migrations that say that it can', () => {
  const known = ['0001-a', '0002-b', '0003-c'];
  const obstacle = (...newer: string[]) => obstacleFor(known, [...known, ...newer]);
  assert.equal(obstacle(), undefined);
  assert.equal(obstacle('0004-d.since-0003'), undefined);
  assert.equal(obstacle('0004-d.since-0002', '0005-e.since-0003'), undefined);
  assert.equal(obstacle('0004-d'), '0004-d');
  assert.equal(obstacle('0004-d.since-0003', '0005-e.since-0004'), '0005-e.since-0004');
  // What is missing below a newer migration cannot be made up for.
  const partly = ['0001-a', '0002-b', '0004-d.since-0002'];
  assert.equal(obstacleFor(known, partly), '0004-d.since-0002');
});

/** From the next version on, an old server goes on calling the functions that it knows. */
const LAST_WITH_PLAIN_NAMES = 11;

test('functions and types of later migrations have their number in their names, and replace no others', () => {
  for (const file of readdirSync(FUNCTIONS).filter((it) => it.endsWith('.sql'))) {
    const number = file.slice(0, 4);
    if (Number(number) <= LAST_WITH_PLAIN_NAMES) continue;
    const text = readFileSync(join(FUNCTIONS, file), 'utf8');
    for (const [, name] of text.matchAll(/\b(?:FUNCTION|TYPE)\s+(ledger_\w+)/gi)) {
      assert.ok(name?.endsWith(`_${number}`), `${file}: ${name} has to end with _${number}`);
    }
  }
});

/** The statements of a migration, which run nowhere. */
async function statementsOf(up: (db: Kysely<unknown>) => Promise<void>): Promise<string[]> {
  const statements: string[] = [];
  const kysely = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql),
  });
  await up(kysely);
  return statements;
}
