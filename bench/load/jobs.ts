/** A job's result, or its error. */
export type JobReply<Result> = { readonly result: Result } | { readonly error: string };

/** Runs jobs that the parent process sends as messages. */
export function answerJobs<Job, Result>(run: (job: Job) => Promise<Result>): void {
  process.on('message', async (job: Job) => {
    process.send?.(await replyTo(run, job));
  });
  // The parent process is gone, so nobody will read the reply.
  process.on('disconnect', () => process.exit());
}

async function replyTo<Job, Result>(
  run: (job: Job) => Promise<Result>,
  job: Job,
): Promise<JobReply<Result>> {
  try {
    return { result: await run(job) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
