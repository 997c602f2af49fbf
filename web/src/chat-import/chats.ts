/** Chats of another product, in the form in which they are sent to the server. */

/** The products whose exports are read. */
export type Source = 'chatgpt' | 'claude' | 'open_webui' | 'librechat';

/** A message and its reply; both of the words may be empty. */
export interface ImportedMessage {
  readonly id: string;
  /** The message before it; its moment is part of its id on the server. */
  readonly parent: Place | null;
  readonly content: string;
  readonly reply: string;
  readonly model: string;
  /** In milliseconds since 1970; later than that of its parent. */
  readonly created_ms: number;
}

/** Which message, as the server finds it. */
export interface Place {
  readonly id: string;
  readonly created_ms: number;
}

export interface ImportedChat {
  readonly id: string;
  readonly title: string;
  readonly system_prompt: string;
  readonly created_ms: number;
  readonly updated_ms: number;
  /** The message at the end of the branch that was shown. */
  readonly leaf: Place | null;
  readonly messages: readonly ImportedMessage[];
}

/** What was not taken over, by reason. */
export interface LeftOut {
  /** Chats in which nobody said anything. */
  empty: number;
  /** Chats or messages that are not in the form of the product. */
  unreadable: number;
  /** Chats that are longer than can be imported. */
  tooLong: number;
  /** Pictures and other files. */
  files: number;
  /** Messages that were cut, since they are too long. */
  cut: number;
}

/** Nothing. */
export function nothingLeftOut(): LeftOut {
  return { empty: 0, unreadable: 0, tooLong: 0, files: 0, cut: 0 };
}

/** An entry of a tree of single messages, as the products store them. */
export interface Node {
  readonly id: string;
  readonly parent: string | undefined;
  /** `other` is passed over: what tools said, instructions, what was hidden. */
  readonly role: 'user' | 'assistant' | 'other';
  readonly text: string;
  readonly atMs: number | undefined;
  readonly model: string | undefined;
}

/** A chat, as a format read it. */
export interface ReadChat {
  readonly id: string;
  readonly title: string;
  readonly systemPrompt: string;
  readonly createdMs: number | undefined;
  readonly updatedMs: number | undefined;
  /** The last message of the branch that was shown. */
  readonly current: string | undefined;
  readonly nodes: readonly Node[];
}

/** Why a file cannot be read at all. */
export type ReadFault = 'not_an_export' | 'too_large' | 'damaged';

/** A file that cannot be read. */
export class ReadError extends Error {
  readonly fault: ReadFault;

  constructor(fault: ReadFault) {
    super(fault);
    this.fault = fault;
  }
}
