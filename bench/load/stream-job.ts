/** Messages between the measuring process and the stream reader. */
export interface StreamJob {
  readonly port: number;
  /** The raw HTTP request that each stream sends. */
  readonly request: string;
  /** Concurrent streams. */
  readonly streams: number;
  /** Requests per stream, one after the other. */
  readonly times: number;
  /** Chunks per stream. */
  readonly chunks: number;
  /** Disconnects after this many chunks; undefined reads all. */
  readonly leaveAfter?: number;
}

export interface StreamResult {
  /** From the request to the first chunk. */
  readonly firstP50Ms: number;
  readonly firstP99Ms: number;
  /** From the provider's sending of a chunk to its arrival here. */
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly pieces: number;
  /** Chunks that never arrived. */
  readonly lost: number;
}
