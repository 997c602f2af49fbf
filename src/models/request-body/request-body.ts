import type { LongString } from '../../core/json-bytes.ts';
import type { JsonObject } from '../provider-apis/provider-api.ts';
import type { FormBody } from './form-body.ts';

const NO_BYTES = Buffer.alloc(0);

/** What a body has beside its bytes and its value. */
interface BodyOptions {
  /** The strings of which only the beginning was parsed, since they may be files. */
  readonly longStrings?: readonly LongString[] | undefined;
  /** The body itself, if it is a form; the JSON has its fields, and of a file what it is. */
  readonly form?: FormBody | undefined;
  /** Called when the memory is free; perhaps more than once. */
  readonly onDropped?: (() => void) | undefined;
}

/**
 * The body of a request to a provider, which may be many megabytes. A reply can take minutes, so
 * the body is let go of as soon as it cannot be needed again; nothing else may keep a part of it.
 */
export class RequestBody {
  #json: Buffer;
  #value: JsonObject;
  #longStrings: readonly LongString[];
  #form: FormBody | undefined;
  readonly #onDropped: (() => void) | undefined;
  #onDrop: (() => void) | undefined;

  constructor(json: Buffer, value: JsonObject, options: BodyOptions = {}) {
    const { longStrings = [], form, onDropped } = options;
    this.#form = form;
    this.#json = json;
    this.#value = value;
    this.#longStrings = longStrings;
    this.#onDropped = onDropped;
  }

  /** The body as the client sent it; empty once it was dropped. */
  get json(): Buffer {
    return this.#json;
  }

  /** The body as parsed, perhaps without most of its files; empty once it was dropped. */
  get value(): JsonObject {
    return this.#value;
  }

  /** The strings of which `value` has only the beginning. */
  get longStrings(): readonly LongString[] {
    return this.#longStrings;
  }

  /** The body itself, if it is a form. */
  get form(): FormBody | undefined {
    return this.#form;
  }

  /** Sets what lets go of the body as well, when it is dropped. */
  onDrop(listener: () => void): void {
    this.#onDrop = listener;
  }

  /** To be called when no provider can be asked any more. */
  drop(): void {
    this.#onDrop?.();
    this.#onDrop = undefined;
    this.#json = NO_BYTES;
    this.#value = {};
    this.#longStrings = [];
    this.#form = undefined;
    this.#onDropped?.();
  }
}
