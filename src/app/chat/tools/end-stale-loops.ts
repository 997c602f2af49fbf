import type { Context } from '../../context.ts';

const BATCH = 100;

/**
 * Ends messages whose rounds nobody will go on with: their user has not allowed a call in time, or
 * their server is gone. The holds of that server are to be ended before. Several servers may do
 * this at the same time.
 * @returns how many were ended
 */
export async function endStaleLoops(context: Context): Promise<number> {
  const { toolLoops, lease, now } = context;
  let ended = 0;
  for (const id of await toolLoops.unanswered(now(), BATCH)) {
    const loop = await toolLoops.find(id);
    const failure = loop?.isToStop ? 'stopped' : 'tools_unapproved';
    if (await toolLoops.end(id, { states: ['waiting'] }, { failure, atMs: now() })) ended += 1;
  }
  for (const id of await toolLoops.abandoned(lease.id, BATCH)) {
    const end = { failure: 'server_lost', atMs: now() } as const;
    if (await toolLoops.end(id, { states: ['running'] }, end)) ended += 1;
  }
  return ended;
}
