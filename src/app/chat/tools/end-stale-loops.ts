import type { StoredLoop } from '../../../store/chat/tool-loops.ts';
import type { Context } from '../../context.ts';

const BATCH = 100;

/** Whether only its end was missing: its latest round was answered and asks for nothing. */
function isWhole({ roundsBegun, calls }: StoredLoop): boolean {
  const latest = roundsBegun.at(-1);
  return latest?.isComplete === true && !calls.some(({ round }) => round === latest.number);
}

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
    const loop = await toolLoops.find(id);
    const failure = loop && isWhole(loop) ? undefined : 'server_lost';
    if (await toolLoops.end(id, { states: ['running'] }, { failure, atMs: now() })) ended += 1;
  }
  return ended;
}
