/** A server is killed under load again and again, on one file. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { getWith, postJson } from '../support/http.ts';
import { newFolder, newUser, runChit, startServer, type TestServer } from '../support/server.ts';

/** Each start and check of a killed server takes a second. */
const KILLS = process.env.FAULTS === 'long' ? 40 : 10;
const CLIENTS = 8;
/** A server is killed after so many answers at most, so that every kill hits one under load. */
const MOST_ANSWERS = 60;

const folder = newFolder();
let server: TestServer | undefined;
after(async () => {
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test(`after each of ${KILLS} kills the ledger verifies and has every answered chat`, async () => {
  const answered = new Set<string>();
  server = await startServer({}, folder);
  const { access } = await newUser(server.url, 'survivor');
  const granted = await runChit(folder, ['grant', 'survivor', '900000000', '--reason', 'test']);
  assert.equal(granted.code, 0, granted.stderr);

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const { url } = server;
    const { promise: hasAnswered, resolve } = Promise.withResolvers<void>();
    let remaining = 1 + Math.floor(Math.random() * MOST_ANSWERS);
    const onAnswer = (message: string) => {
      answered.add(message);
      remaining -= 1;
      if (remaining === 0) resolve();
    };
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      chatUntilRefused(url, access, `${kill}.${client}`, onAnswer),
    );
    // Clients that are refused stop, and then there is nothing to wait for.
    await Promise.race([hasAnswered, Promise.all(clients)]);
    assert.ok(remaining <= 0, `${remaining} more answers should have come`);
    await server.kill();
    await Promise.all(clients);

    const verified = await runChit(folder, ['ledger', 'verify']);
    assert.equal(verified.code, 0, verified.stderr);
    assertAllBooked(answered);
    server = await startServer({}, folder);
  }
  assert.ok(answered.size >= KILLS, `only ${answered.size} chats were answered`);
  assert.equal((await getWith(`${server.url}/api/tokens/`, access)).status, 200);
});

/** Chats as fast as it can, reporting each message that was answered, until the server is gone. */
async function chatUntilRefused(
  url: string,
  access: string,
  name: string,
  onAnswer: (message: string) => void,
): Promise<void> {
  for (let index = 0; ; index += 1) {
    const message = `${name}.${index}`;
    try {
      const answer = await postJson(`${url}/api/chat/`, { message }, access);
      if (answer.status !== 200) return;
      onAnswer(message);
    } catch {
      return;
    }
  }
}

/** Every message with a response is stored and charged once, at its price. */
function assertAllBooked(answered: Set<string>): void {
  const db = new DatabaseSync(join(folder, 'data/chit.db'), { readOnly: true });
  const rows = db
    .prepare(
      `SELECT m.content AS content, t.credits AS credits FROM messages m
        JOIN transfers t ON t.id = m.id WHERE m.status = 'complete'`,
    )
    .all() as { content: string; credits: number }[];
  db.close();
  const booked = new Map(rows.map(({ content, credits }) => [content, credits]));
  assert.equal(booked.size, rows.length, 'a message was booked twice');
  for (const message of answered) assert.equal(booked.get(message), -100, message);
}
