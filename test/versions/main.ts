/**
 * `npm run test:versions -- --old FOLDER`: runs the version in another folder beside this one, on
 * one PostgreSQL database, as an upgrade does. Exits with 1 if an answer was not charged exactly
 * once, if the ledger is not right, or if the other version does not go on although it should.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { postJson } from '../support/http.ts';
import { startOwnPostgres } from '../support/postgres.ts';
import { newFolder, newUser, runChit, startServer, type TestServer } from '../support/server.ts';

const USAGE = `Usage: npm run test:versions -- --old FOLDER [--messages N]
  --old FOLDER   a checkout of the version before, with its npm packages installed
  --messages N   how many messages each server is sent after the upgrade; 200 by default
`;
/** Versions that know this migration go on while a newer one upgrades (decision 42). */
const PROMISED_FROM = 11;
const CLIENTS = 4;

/** What became of the messages to a server: how many answers there were of each status. */
type Tally = Map<number, number>;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { old: { type: 'string' }, messages: { type: 'string', default: '200' } },
  });
  if (values.old === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const oldCommand = [join(resolve(values.old), 'bin/chit.js'), 'serve'];
  const messages = Number(values.messages);
  const postgres = await startOwnPostgres();
  try {
    const settings = {
      CHIT_DATABASE_URL: await postgres.newDatabase(),
      CHIT_SIGNUP_TOKENS: '100000000',
      CHIT_LOG_LEVEL: 'error',
    };
    return await upgrade(settings, oldCommand, messages);
  } finally {
    await postgres.stop();
  }
}

async function upgrade(
  settings: Record<string, string> & { CHIT_DATABASE_URL: string },
  oldCommand: readonly string[],
  messages: number,
): Promise<number> {
  const old = await startServer(settings, newFolder(), oldCommand);
  const { access } = await newUser(old.url, 'ada');
  const before = await chats(old, access, messages);
  const database = openDatabase(settings.CHIT_DATABASE_URL);
  const { rows } = await sql<{ name: string }>`SELECT max(name) AS name
    FROM kysely_migration`.execute(database.kysely);
  const migration = rows[0]?.name ?? '';
  const isPromised = Number(migration.slice(0, 4)) >= PROMISED_FROM;
  // The upgrade falls into the midst of its messages.
  const during = chats(old, access, messages);
  const newer = await startServer(settings, newFolder());
  const [between, ofOld, ofNewer] = [
    await during,
    ...(await Promise.all([chats(old, access, messages), chats(newer, access, messages)])),
  ];
  await old.stop();
  const again = await startServer(settings, newFolder(), oldCommand).catch(() => undefined);
  const ofAgain = again ? await chats(again, access, messages) : new Map([[0, messages]]);
  await again?.stop();
  const verified = await runChit(newer.folder, ['ledger', 'verify'], { settings });
  await newer.stop();
  const counted = await sql<{ charges: number }>`SELECT count(*) AS charges FROM transfers
    WHERE kind = 'charge'`.execute(database.kysely);
  await database.close();
  const charges = Number(counted.rows[0]?.charges);
  const tallies = { before, 'during the upgrade': between, after: ofOld, 'started again': ofAgain };
  for (const [when, tally] of Object.entries(tallies)) print(`old version, ${when}`, tally);
  print('this version', ofNewer);
  const all = [...Object.values(tallies), ofNewer];
  const answered = all.reduce((sum, tally) => sum + (tally.get(200) ?? 0), 0);
  const goesOn = Object.values(tallies).every((tally) => tally.get(200) === messages);
  process.stdout.write(
    `newest migration of the old version: ${migration}\n` +
      `answered ${answered}, charged ${charges}\n${verified.stdout}${verified.stderr}`,
  );
  const isRight = answered === charges && verified.code === 0;
  if (isPromised && !goesOn) process.stdout.write('The old version did not go on.\n');
  return isRight && (goesOn || !isPromised) ? 0 : 1;
}

/** Sends messages, a few at a time. */
async function chats({ url }: TestServer, access: string, count: number): Promise<Tally> {
  const tally: Tally = new Map();
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await postJson(`${url}/api/chat/`, { message: 'Hello' }, access).catch(
        () => undefined,
      );
      const status = answer?.status ?? 0;
      tally.set(status, (tally.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return tally;
}

function print(what: string, tally: Tally): void {
  const counts = [...tally].map(([status, count]) => `${count} × ${status || 'no answer'}`);
  process.stdout.write(`${what}: ${counts.join(', ')}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
