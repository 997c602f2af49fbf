/** Counts the tokens of the texts that it is sent, in a thread of its own. */
import { parentPort } from 'node:worker_threads';
import { countSlices } from './count-slices.ts';

parentPort?.on('message', (text: string) => parentPort?.postMessage(countSlices(text)));
