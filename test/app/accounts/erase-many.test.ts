/** Very many messages can be deleted, whatever the limit of a query is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { deleteUser } from '../../../src/app/accounts/manage-users.ts';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { deleteConversation, listConversations } from '../../../src/app/chat/conversations.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const COMMAND_LINE = { actor: 'cli:test', address: undefined, user: undefined } as const;
/** As long as many messages would take. */
const SLOW = [
  `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(4.5); RETURN NEW; END'`,
  `CREATE TRIGGER slow BEFORE UPDATE OF erased_at ON messages FOR EACH ROW
    EXECUTE FUNCTION slow()`,
];

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

for (const what of ['conversation', 'user'] as const) {
  test(`a ${what} is deleted however long it takes to erase the messages`, async () => {
    const url = await postgres.newDatabase();
    const settings = { CHIT_QUERY_TIMEOUT_SECONDS: '4' };
    const chit = await openTestChit(url, scriptedModel(flatPrice(100)), settings);
    const { context } = chit;
    const userId = await newAccount(chit);
    await completeChat(context, { userId, content: 'a secret', idempotency: undefined });
    // All messages outside of conversations get into one.
    const page = { after: undefined, limit: 1 };
    const { items } = await listConversations(context, userId, page);
    const database = openDatabase(url);
    for (const statement of SLOW) await sql.raw(statement).execute(database.kysely);
    await (what === 'user'
      ? deleteUser(context, COMMAND_LINE, userId, 'asked for it')
      : deleteConversation(context, userId, items[0]?.id ?? ''));
    const { rows } = await sql<{ content: string }>`SELECT content FROM messages`.execute(
      database.kysely,
    );
    assert.deepEqual(rows, [{ content: '' }]);
    assert.deepEqual(await faultsOf(chit), []);
    await database.close();
    await chit.close();
  });
}
