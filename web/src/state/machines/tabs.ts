/** What the tabs of one browser tell each other, and what follows from it. */

/** Who signed in or out, and what changed for a user. */
export type TabNews =
  | { readonly kind: 'signed_in' | 'signed_out'; readonly user: number }
  | {
      readonly kind: 'changed';
      readonly user: number;
      /** The conversation that changed; undefined if only their list did. */
      readonly conversation?: string;
      readonly isGenerating?: boolean;
    };

/** Who uses this tab. */
export interface TabUser {
  /** undefined until it is known; null if nobody is signed in. */
  readonly current: number | null | undefined;
  /** Who was signed in last. */
  readonly last: number | undefined;
}

/** What a tab does about a session when another tab signs somebody in or out. */
export function onSessionNews(
  news: TabNews,
  { current, last }: TabUser,
): 'end_elsewhere' | 'end_another' | 'resume' | undefined {
  const { kind, user } = news;
  if (kind === 'signed_out') return current === user ? 'end_elsewhere' : undefined;
  if (kind !== 'signed_in') return undefined;
  if (typeof current === 'number') return current === user ? undefined : 'end_another';
  return current === null && user === last ? 'resume' : undefined;
}

/** What a tab reads anew when another tab changed something. */
export function onChangeNews(
  news: TabNews,
  tab: { readonly user: number | undefined; readonly openConversation: string | undefined },
): ('reload_list' | 'refresh_balance' | 'refresh_thread' | 'mark_generating')[] {
  if (news.kind !== 'changed' || news.user !== tab.user) return [];
  if (news.conversation === undefined) return ['reload_list'];
  const isOpen = news.conversation === tab.openConversation;
  return ['reload_list', 'refresh_balance', isOpen ? 'refresh_thread' : 'mark_generating'];
}

/** Whether drafts and unconfirmed messages outlive a session, or go with a user who signed out. */
export function keepsDrafts(reason: 'expired' | 'left' | 'elsewhere' | 'another'): boolean {
  return reason === 'expired' || reason === 'another';
}
