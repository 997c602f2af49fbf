/** What the page and the reader of an export say to each other. */
import type { ImportedChat, LeftOut, ReadFault, Source } from './chats.ts';

/** What is known of a chat before it is imported. */
export interface ChatOverview {
  readonly id: string;
  readonly updatedMs: number;
  readonly messages: number;
}

export type ToReader =
  | { readonly kind: 'read'; readonly file: Blob }
  /** Asks for the first batch of the chats but those. */
  | { readonly kind: 'begin'; readonly without: readonly string[] }
  | { readonly kind: 'next' };

export type FromReader =
  | {
      readonly kind: 'read';
      readonly source: Source;
      readonly chats: readonly ChatOverview[];
      readonly leftOut: LeftOut;
    }
  | { readonly kind: 'failed'; readonly fault: ReadFault }
  /** Empty after the last one. */
  | { readonly kind: 'batch'; readonly chats: readonly ImportedChat[] };
