/** What the windows of one browser tell each other. */

/** Who has come or gone, and what is new for a user. */
export type News =
  | { readonly kind: 'entered' | 'left'; readonly user: number }
  /** Something was said, answered or changed; in one conversation, or in their list. */
  | {
      readonly kind: 'changed';
      readonly user: number;
      readonly conversation?: string;
      /** Whether an answer is being written there. */
      readonly isWritten?: boolean;
    };

const channel = new BroadcastChannel('chit');

/** Tells the other windows. */
export function tellTabs(news: News): void {
  channel.postMessage(news);
}

/** Says what is to happen when another window tells something. */
export function onNews(react: (news: News) => void): void {
  channel.addEventListener('message', ({ data }) => react(data as News));
}
