/** A job's result, or why there is none. */
export type JobReply<Result> = { readonly result: Result } | { readonly error: string };

/** Carries out jobs that come as messages from the process that started this one, in turn. */
export function answerJobs<Job, Result>(run: (job: Job) => Promise<Result>): void {
  process.on('message', async (job: Job) => {
    process.send?.(await replyTo(run, job));
  });
  // Whoever asked is gone, so nobody will ever read the answer.
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
