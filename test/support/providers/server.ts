/**
 * An emulated provider in a process of its own, so that a benchmark does not share its time.
 *
 * Usage: node provider-server.ts [BEHAVIOUR], which is JSON, such as
 * `{"words":50,"chunkDelayMs":20}`. Writes its URL as one line to standard output and ends when
 * standard input does.
 */
import type { Behaviour } from './behaviour.ts';
import { startProviderEmulator } from './emulator.ts';

const emulator = await startProviderEmulator({ remembers: false });
emulator.behave(JSON.parse(process.argv[2] ?? '{}') as Behaviour);
process.stdout.write(`${emulator.url}\n`);
process.stdin.resume();
process.stdin.once('end', () => void emulator.close());
