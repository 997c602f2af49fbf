/** What the measuring process and the reader of streams say to each other. */
export interface StreamJob {
  readonly port: number;
  /** A whole HTTP request, which each stream sends. */
  readonly request: string;
  /** Streams that are open at the same time. */
  readonly streams: number;
  /** How often each of them is asked for, one after the other. */
  readonly times: number;
  /** Pieces that each stream has. */
  readonly chunks: number;
  /** Leaves each stream after so many pieces; undefined reads all. */
  readonly leaveAfter?: number;
}

export interface StreamResult {
  /** From the request to the first piece. */
  readonly firstP50Ms: number;
  readonly firstP99Ms: number;
  /** From a piece's leaving the provider to its coming here. */
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly pieces: number;
  /** Pieces that never came. */
  readonly lost: number;
}
