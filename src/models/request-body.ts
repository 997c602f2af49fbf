import type { JsonObject } from './provider-apis/provider-api.ts';

const NO_BYTES = Buffer.alloc(0);

/**
 * The body of a request to a provider, which may be many megabytes. A reply can take minutes, so
 * the body is let go of as soon as it cannot be needed again; nothing else may keep a part of it.
 */
export class RequestBody {
  #json: Buffer;
  #value: JsonObject;
  readonly #onDropped: (() => void) | undefined;

  /** @param onDropped called when the memory is free; perhaps more than once */
  constructor(json: Buffer, value: JsonObject, onDropped?: () => void) {
    this.#json = json;
    this.#value = value;
    this.#onDropped = onDropped;
  }

  /** The body as the client sent it; empty once it was dropped. */
  get json(): Buffer {
    return this.#json;
  }

  /** The body as parsed, perhaps without most of its images; empty once it was dropped. */
  get value(): JsonObject {
    return this.#value;
  }

  /** To be called when no provider can be asked any more. */
  drop(): void {
    this.#json = NO_BYTES;
    this.#value = {};
    this.#onDropped?.();
  }
}
