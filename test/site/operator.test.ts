/**
 * Somebody who only knows the documentation: starts, sets up, loses the machine, upgrades, adds a
 * server and loses one. The commands are those of the documents' code blocks.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../support/command-runner.ts';
import { loadDump } from '../support/database-dump.ts';
import { codeBlocks, documentText, shellLines, wordsOf } from '../support/documents.ts';
import { getWith, postJson } from '../support/http.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { newFolder, startServer, type TestServer } from '../support/server.ts';
import { type StreamingProvider, startStreamingProvider } from '../support/streaming-provider.ts';

const OLD_DATABASE = join(import.meta.dirname, '../store/upgrade/0.2.0-sqlite.sql');
const PASSWORD = 'a long passphrase';
const PATIENCE_MS = 20_000;

let provider: StreamingProvider;
let postgres: TestPostgres;

before(async () => {
  [provider, postgres] = await Promise.all([startStreamingProvider(), startPostgres()]);
});
after(async () => {
  await Promise.all([provider.close(), postgres.stop()]);
});

/** Runs a line as it stands in a document, and expects that it succeeds. */
async function shell(
  folder: string,
  line: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const [program, ...args] = wordsOf(line);
  if (program === 'chit') {
    const input = `${PASSWORD}\n`;
    const all = { CHIT_SECRET_KEY: '', ...settings };
    const { code, stdout, stderr } = await runCommand(folder, args, { input, settings: all });
    assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
    return stdout;
  }
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], { cwd: folder });
  assert.equal(status, 0, `${line}\n${stderr}`);
  return stdout.toString();
}

/** The lines of a document that begin so; there must be some. */
function linesOf(path: string, heading: string, pattern: RegExp): string[] {
  const lines = shellLines(documentText(path, heading)).filter((it) => pattern.test(it));
  assert.ok(lines.length > 0, `${path}, ${heading}: no line ${pattern}`);
  return lines;
}

/** The `chit.json` of a document, with this provider in place of OpenAI. */
function deploymentIn(path: string): string {
  const [text = ''] = codeBlocks(documentText(path), 'jsonc');
  return text
    .replace('https://api.openai.com', provider.url)
    .replace('"wire": "openai"', '"wire": "openai", "kind": "openai"');
}

async function signIn(url: string, username: string): Promise<string> {
  const { json, text } = await postJson(`${url}/api/login/`, { username, password: PASSWORD });
  const { access } = json as { access?: string };
  assert.ok(access, text);
  return access;
}

/** Without settings, as in an empty folder: the secret key is in the data folder too. */
function start(folder: string, settings: Record<string, string> = {}): Promise<TestServer> {
  return startServer({ CHIT_SECRET_KEY: '', ...settings }, folder);
}

/** Stops a server as `systemctl stop` does; its folder stays. */
async function end({ process: server }: TestServer): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}

async function get(url: string, access: string): Promise<Record<string, unknown>> {
  return (await getWith(url, access)).json as Record<string, unknown>;
}

describe('the documents alone', { concurrency: true }, () => {
  test('start, set up, use, back up, lose the machine, restore: the same balances', async () => {
    const [first, second, usb] = [newFolder(), newFolder(), newFolder()];
    const server = await start(first);
    const lines = shellLines(documentText('docs/start.md'));
    const skipped = /^(npm |alias )/;
    assert.deepEqual(lines.filter((it) => skipped.test(it)).slice(0, 2), ['npm ci', 'npm start']);
    const setUp = lines.filter((it) => !skipped.test(it) && !it.startsWith('chit ledger'));
    let links = '';
    for (const line of setUp) {
      // It stands above the first line that needs it.
      if (line.startsWith('echo ')) {
        writeFileSync(join(first, 'chit.json'), deploymentIn('docs/start.md'));
      }
      const output = await shell(first, line.replace('http://127.0.0.1:8000', server.url));
      if (line.includes('--site')) links = output;
    }
    server.process.kill('SIGHUP');
    const token = /^ada,,\S+#(\S+)$/m.exec(links)?.[1];
    await postJson(`${server.url}/api/password/choose/`, { token, password: PASSWORD });
    const access = await signIn(server.url, 'ada');
    await until(async () => {
      const models = await get(`${server.url}/api/models/`, access);
      return JSON.stringify(models).includes('small');
    });
    const reply = await postJson(`${server.url}/api/chat/`, { message: 'Hello' }, access);
    assert.equal(reply.status, 200, `${reply.text}${server.output()}`);
    for (const line of linesOf('docs/start.md', 'Why a balance is what it is', /^chit ledger/)) {
      const output = await shell(first, line);
      if (line.includes('show')) assert.match(output, /charge .*small.*\n(.*\n)*.*grant .*5000/);
    }
    const balances = await shell(first, 'chit users list');
    assert.match(balances, /ada +59\d\d/);

    const [backUp = ''] = linesOf('docs/backups.md', 'Making one', /^chit backup$/);
    await shell(first, backUp);
    const [file = ''] = globSync('data/backups/*.tar.zst', { cwd: first });
    const copy = join(usb, 'copy.tar.zst');
    cpSync(join(first, file), copy);
    await server.kill();
    rmSync(first, { recursive: true });

    const restore = linesOf('docs/backups.md', 'Restoring', /^chit (restore|ledger)/);
    assert.equal(restore.length, 3);
    for (const line of restore) {
      // As the page says, no backup has it.
      if (line.includes('ledger'))
        writeFileSync(join(second, '.env'), 'OPENAI_API_KEY=sk-YOUR-KEY\n');
      await shell(second, line.replace(/chit-[\d-]+\.tar\.zst/, copy));
    }
    assert.equal(await shell(second, 'chit users list'), balances);
    const restored = await start(second);
    // The same key: the session of before is valid.
    const { tokens } = await get(`${restored.url}/api/tokens/`, access);
    assert.ok(balances.includes(String(tokens)));
    await restored.stop();
    rmSync(usb, { recursive: true });
  });

  test('upgrade from 0.2.0, with a backup before, and move to PostgreSQL', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'data'));
    await loadDump(`sqlite:${folder}/data/chit.db`, readFileSync(OLD_DATABASE, 'utf8'));
    const [copy = '', serve] = linesOf('docs/restarts.md', 'Upgrades', /^(cp|chit) /);
    assert.equal(serve, 'chit serve');
    await shell(folder, copy);
    const server = await start(folder);
    assert.match(await shell(folder, 'chit backups'), /upgrade .*file is whole/);
    const balances = await shell(folder, 'chit users list');
    assert.match(balances, /ada +\d+.*bob +3950/s);
    assert.match(await shell(folder, 'chit ledger verify'), /Everything agrees: 4 accounts/);
    await end(server);

    const [move = ''] = linesOf('docs/moving.md', 'How', /^chit move/);
    const settings = { CHIT_DATABASE_URL: await postgres.newDatabase() };
    await shell(folder, move.replace(/postgres:\S+/, settings.CHIT_DATABASE_URL));
    const moved = await start(folder, settings);
    assert.equal(await shell(folder, 'chit users list', settings), balances);
    assert.match(await shell(folder, 'chit ledger verify', settings), /Everything agrees: 4 acc/);
    await moved.stop();
  });

  test('two servers; one is killed, and the other ends what it had begun', async () => {
    const [one, two] = [newFolder(), newFolder()];
    const [block = ''] = codeBlocks(documentText('docs/scaling.md', 'Start them'), 'sh');
    const settings = Object.fromEntries(
      [...block.matchAll(/^(\w+)='?([^'\n]*)'?$/gm)].map(([, name, value]) => [name, value]),
    ) as Record<string, string>;
    assert.match(settings.CHIT_DATABASE_URL ?? '', /^postgres:/);
    settings.CHIT_DATABASE_URL = await postgres.newDatabase();
    settings.CHIT_CONFIG = join(two, 'chit.json');
    // Half of the default: long enough that a server which only waits for a processor keeps it.
    settings.CHIT_LEASE_SECONDS = '5';
    settings.OPENAI_API_KEY = 'sk-YOUR-KEY';
    writeFileSync(settings.CHIT_CONFIG, deploymentIn('docs/start.md'));
    const [dying, living] = await Promise.all([start(one, settings), start(two, settings)]);
    await postJson(`${living.url}/api/register/`, { username: 'ada', password: PASSWORD });
    const access = await signIn(living.url, 'ada');
    const talk = await postJson(`${dying.url}/api/conversations/`, {}, access);
    const { id } = talk.json as { id: string };
    const messages = `/api/conversations/${id}/messages/`;
    const sent = await postJson(`${dying.url}${messages}`, { message: 'slow' }, access);
    const message = sent.json as { id: string };
    assert.equal(sent.status, 201, sent.text);
    // The other server shows what is written down, which will be charged for.
    await firstWords(`${living.url}/api/messages/${message.id}/stream/`, access);
    await dying.kill();
    await until(async () => {
      const { accounts } = await get(`${living.url}/api/limits/`, access);
      return (accounts as { held: number }[])[0]?.held === 0;
    });
    provider.finish();
    const verified = await shell(two, 'chit ledger verify', settings);
    assert.match(verified, /Everything agrees: 1 account, 2 transfers, 0 open holds/);
    assert.match(await shell(two, 'chit ledger show ada', settings), /charge .*small/);
    const told = await get(`${living.url}${messages}`, access);
    assert.match(JSON.stringify(told), /"status":"incomplete".*"failure_code":"server_lost"/);
    await living.stop();
    rmSync(one, { recursive: true });
  });
});

/** Waits for the first words of a reply. */
async function firstWords(url: string, access: string): Promise<void> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${access}` } });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('0 1 2')) return;
  }
  assert.fail(text);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isSo()); ) {
    assert.ok(Date.now() < end, 'It did not become so in time.');
    await sleep(50);
  }
}
