/** The channel between the tabs of one browser. */
import type { TabNews } from './machines/tabs.ts';
import { PREFIX } from './site-address.ts';

const channel = new BroadcastChannel(`chit${PREFIX}`);

/** Tells the other tabs. */
export function tellTabs(news: TabNews): void {
  channel.postMessage(news);
}

/** Calls back for what another tab tells. */
export function onTabNews(react: (news: TabNews) => void): void {
  channel.addEventListener('message', ({ data }) => react(data as TabNews));
}
