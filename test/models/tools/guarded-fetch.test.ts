/** Which addresses tools are asked at, and how much is read of what they answer. */
import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { isPrivateAddress } from '../../../src/models/provider-client/private-network.ts';
import { guardedFetch } from '../../../src/models/tools/guarded-fetch.ts';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import { resultText } from '../../../src/models/tools/result-text.ts';
import { ToolFailure } from '../../../src/models/tools/tool.ts';
import { WebSearch } from '../../../src/models/tools/web-search.ts';
import { startMcpServer, toolAt } from '../../support/mcp-server.ts';

let server: Server;
let port = 0;
let requests: string[] = [];

before(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers['x-key'] ?? ''}`);
    if (request.url === '/away') {
      response.writeHead(307, { location: `http://localhost:${port}/mcp` }).end();
    } else if (request.url?.startsWith('/search')) {
      const result = { title: 'Bees', url: 'https://bees.example', content: 'Insects.' };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ results: [result] }));
    } else response.end('x'.repeat(3_000_000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

/** A resolver that says something else each time it is asked. */
function resolving(...addresses: string[]): typeof lookup {
  const resolve = (_name: string, _how: object, done: (...of: unknown[]) => void) => {
    done(null, [{ address: addresses.shift() ?? '', family: 4 }]);
  };
  return resolve as unknown as typeof lookup;
}

async function causeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('it was answered'),
    (it: Error) => it,
  );
  return String((error.cause as Error | undefined)?.message ?? error.message);
}

test('addresses of private and special networks are private, in every notation', () => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ]) {
    assert.equal(isPrivateAddress(address), true, address);
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1']) {
    assert.equal(isPrivateAddress(address), false, address);
  }
});

test('nothing is sent to a private address: by itself, by name, or by a name that changes', async () => {
  requests = [];
  const http = guardedFetch({ allowPrivate: false });
  assert.match(await causeOf(http.fetch(`http://127.0.0.1:${port}/mcp`)), /private network/);
  assert.match(await causeOf(http.fetch(`http://[::1]:${port}/mcp`)), /private network/);
  assert.match(await causeOf(http.fetch(`http://2130706433:${port}/mcp`)), /private network/);
  assert.match(await causeOf(http.fetch(`http://localhost:${port}/mcp`)), /private network/);
  await http.close();
  // What is checked is what is connected to: a second answer of the resolver is never asked for.
  const resolve = resolving('127.0.0.1', '1.1.1.1');
  const rebinding = guardedFetch({ allowPrivate: false, resolve });
  assert.match(await causeOf(rebinding.fetch(`http://rebind.example:${port}/`)), /private network/);
  await rebinding.close();
  assert.deepEqual(requests, []);
});

test('a redirect to another origin is not followed, and takes no secret there', async () => {
  requests = [];
  const mcp = new McpTool(toolAt(`http://127.0.0.1:${port}/away`));
  await assert.rejects(mcp.functions(), ToolFailure);
  const search = new WebSearch(toolAt(`http://127.0.0.1:${port}/away`, { kind: 'brave' }));
  await assert.rejects(search.call('search', { query: 'x' }, AbortSignal.timeout(5_000)));
  await mcp.close();
  await search.close();
  assert.ok(
    requests.every((it) => it.split(' ')[1]?.startsWith('/away')),
    requests.join(),
  );
});

test('an answer that is too long is an error, and a long result is cut between characters', async () => {
  const http = guardedFetch({ allowPrivate: true });
  const response = await http.fetch(`http://127.0.0.1:${port}/long`);
  await assert.rejects(response.text());
  await http.close();
  const cut = resultText('ü'.repeat(40_000));
  assert.ok(Buffer.byteLength(cut) <= 32_768);
  assert.match(cut, /ü\n\[The answer was longer and is cut here\.\]$/);
});

test('SearXNG is asked for JSON, and its pages become a list', async () => {
  requests = [];
  const settings = toolAt(`http://127.0.0.1:${port}/`, { kind: 'searxng' });
  const search = new WebSearch(settings);
  const { text } = await search.call('search', { query: 'bees' }, AbortSignal.timeout(5_000));
  assert.equal(text, '1. Bees\nhttps://bees.example\nInsects.');
  assert.deepEqual(requests, ['GET /search?format=json&q=bees secret']);
  await search.close();
});

test('only what "only" names is offered, and a call ends at its time limit', async () => {
  const mcp = await startMcpServer();
  mcp.answer = () => new Promise(() => undefined);
  const tool = new McpTool(toolAt(mcp.url, { only: ['search'], timeoutMs: 50 }));
  assert.deepEqual(
    (await tool.functions()).map(({ name }) => name),
    ['search'],
  );
  await assert.rejects(tool.call('search', {}, new AbortController().signal), ToolFailure);
  await tool.close();
  await mcp.close();
});
