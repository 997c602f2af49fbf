/** The command for tokens of directories, on a database that a server has open as well. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { send } from '../support/http.ts';
import { type CommandOutcome, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

function tokens(...args: string[]): Promise<CommandOutcome> {
  return runCommand(server.folder, ['scim-token', ...args]);
}

test('a token is made, listed and ended at the command line', async () => {
  const token = assertDone(await tokens('create', 'Entra ID', '--days', '30')).trim();
  const users = () =>
    send(`${server.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await users()).status, 200);
  assertFailed(await tokens('create', 'Entra ID'), 1, /Another token has this name/);
  assertFailed(await tokens('create', 'x', '--days', '0'), 2, /whole number of days/);
  const listed = assertDone(await tokens('list'));
  assert.match(listed, /^name +token +made +expires +used\nEntra ID +chit_scim_\S{7}… +\S+Z +\S+Z/);
  assert.ok(!listed.includes(token));
  assert.match(assertDone(await tokens('end', 'Entra ID')), /has ended/);
  assert.equal((await users()).status, 401);
  assertFailed(await tokens('end', 'Entra ID'), 1, /no token named "Entra ID"/);
  assert.equal(assertDone(await tokens('list')), '');
});
