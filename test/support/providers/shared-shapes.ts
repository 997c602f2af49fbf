/** What all APIs of the emulated providers have in common. */
import type { Asked, Reply } from './behaviour.ts';

/** The events of one streamed reply as text, to be asked for in the order of their sending. */
export interface StreamParts {
  /** The events before the first chunk. */
  opening(): string;
  /** The event that carries one piece of the reply. */
  chunk(piece: string): string;
  /** The events after the last chunk. */
  closing(): string;
  /** The event that says that the provider failed. */
  error(message: string): string;
  /** The other form of it, where the wire has one. */
  failed(message: string): string;
}

/** How one route of a provider reads requests and writes replies. */
export interface Wire {
  /** What a request asks for. @throws Refused if the provider would not take it */
  read(body: JsonObject, headers: Readonly<Record<string, unknown>>): Asked;
  stream(reply: Reply): StreamParts;
  /** The body of an answer that is not streamed. */
  whole(reply: Reply): unknown;
}

/** An object from a request, with fields of any type. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A request that the provider refuses of itself. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One server-sent event; without a name there is only its data. */
export function sse(data: unknown, name?: string): string {
  const json = JSON.stringify(data);
  return name === undefined ? `data: ${json}\n\n` : `event: ${name}\ndata: ${json}\n\n`;
}

/** A field as an object; empty if it is not one. */
export function objectIn(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

/** A field as a list of objects; empty if it is not one. */
export function listIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(objectIn) : [];
}

/** A field as a number; undefined if it is not one. */
export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The model that a request names. @throws Refused if it names none */
export function modelIn(body: JsonObject): string {
  if (typeof body.model !== 'string') throw new Refused(400, 'you must provide a model parameter');
  return body.model;
}

/** Seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
