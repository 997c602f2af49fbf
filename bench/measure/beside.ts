/** Relayed whole answers beside chats of the same server, and beside Portkey's gateway. */
import { type Comparison, type Side, takeTurns, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { howToInstall, portkeyRequest, portkeyVersion, startPortkey } from '../setup/portkey.ts';
import type { Relay } from '../setup/relay.ts';
import { removeWorkspace } from '../setup/workspaces.ts';
import { startChit } from '../system/processes.ts';

const CONNECTIONS = 32;

/** Relayed answers, first, beside others, second. */
export interface Beside {
  /** Of a model that asks nobody: what asking a provider costs. */
  readonly chats: Comparison;
  /** Or why there is none. */
  readonly portkey: Comparison | string;
}

/** @param chit the side that relays; it is added to */
export async function measureBeside(
  bench: Bench,
  relay: Relay,
  chit: Side,
): Promise<{ readonly beside: Beside; readonly check: LedgerCheck }> {
  const accounts = await bench.accountsOn('sqlite');
  const workspace = await accounts.copy();
  const server = await startChit(workspace);
  const chatting: Side = {
    name: 'chats',
    port: server.port,
    requests: accounts.chats(),
    results: [],
  };
  await warmUp(bench, 'relay', [chatting]);
  const chats = await takeTurns(bench, 'relay beside chats', [chit, chatting], CONNECTIONS);
  await server.stop();
  const check = await checkLedger('Chit (chats beside the relay)', workspace, chatting.results);
  await removeWorkspace(workspace);
  return { beside: { chats, portkey: await besidePortkey(bench, relay, chit) }, check };
}

async function besidePortkey(
  bench: Bench,
  { provider }: Relay,
  chit: Side,
): Promise<Comparison | string> {
  const { portkeyFolder: folder } = bench;
  if (folder === undefined) return 'not compared: --portkey FOLDER says where it is installed';
  if (portkeyVersion(folder) === undefined) return howToInstall(folder);
  const server = await startPortkey(folder);
  const requests = [portkeyRequest(provider.port)];
  const portkey: Side = { name: 'Portkey', port: server.port, requests, results: [] };
  await warmUp(bench, 'relay', [portkey]);
  const comparison = await takeTurns(bench, 'relay', [chit, portkey], CONNECTIONS);
  await server.stop();
  return comparison;
}
