import type { Transferable, Worker } from 'node:worker_threads';

/**
 * Sends one message to a thread that answers each with one, and keeps the process alive meanwhile.
 * @param transferred what of the message the thread gets without a copy
 * @returns its answer
 * @throws what the thread fails with, or an Error if it has ended
 */
export function askThread<Answer>(
  worker: Worker,
  message: unknown,
  transferred: readonly Transferable[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      // An idle thread must not keep the process alive.
      worker.unref();
    };
    const onMessage = (answer: Answer) => {
      end();
      resolve(answer);
    };
    const onError = (error: unknown) => {
      end();
      reject(error);
    };
    const onExit = () => onError(new Error('The thread has ended.'));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(message, transferred);
  });
}
