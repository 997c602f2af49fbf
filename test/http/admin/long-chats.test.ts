/** What staff read of users' chats comes in pages of a bounded size. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AdminServer } from '../../support/admin.ts';

let admin: AdminServer;

before(async () => {
  admin = await AdminServer.start({ CHIT_STAFF_READS_CHATS: '1' });
});
after(() => admin.server.close());

interface Page {
  readonly chats: readonly { readonly id: string; readonly message: string }[];
  readonly next_cursor: string | null;
}

test('a page ends where its messages are long, and every message is on one', async () => {
  const { access } = await admin.person();
  // The reply repeats the message, so five of them are less than 1 MB and six are more.
  const sent = Array.from({ length: 7 }, (_, index) => `${index}`.repeat(90_000));
  for (const message of sent) {
    assert.equal((await admin.ask(access, 'POST', '/api/chat/', { message })).status, 200);
  }
  for (const search of [{}, { q: 'You said' }]) {
    const pages: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const position: object = cursor === '' ? {} : { cursor };
      const body = { reason: 'a test', ...search, ...position };
      const page = (await admin.ask(admin.root, 'POST', '/api/admin/chats/', body)).json as Page;
      pages.push(page);
      cursor = page.next_cursor;
    }
    assert.deepEqual(
      pages.map(({ chats }) => chats.length),
      [5, 2],
    );
    const read = pages.flatMap(({ chats }) => chats.map(({ message }) => message));
    assert.deepEqual(read, sent.toReversed());
  }
});
