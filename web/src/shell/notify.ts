/** Tells of a reply that is done while nobody looks at the page, if its reader wants that. */
import { effect, signal } from '@preact/signals';
import { conversations } from '../state/conversations.ts';
import { generating } from '../state/generating-chats.ts';
import { keep, kept } from '../state/preferences.ts';
import { PREFIX } from '../state/site-address.ts';
import { strings } from '../strings/strings.ts';

/** Whether the reader wants to be told, in this browser. */
export const wantsNotices = signal(kept('notices') === '1');

/** Whether this browser can tell of anything. */
export function canNotify(): boolean {
  return 'Notification' in window && window.isSecureContext;
}

/** Turns it on, which asks for the browser's permission, or off. @returns whether it is on */
export async function setNotices(isOn: boolean): Promise<boolean> {
  const isAllowed = isOn && (await Notification.requestPermission()) === 'granted';
  wantsNotices.value = isAllowed;
  keep('notices', isAllowed ? '1' : '');
  return isAllowed;
}

/** Watches from now on which replies end. */
export function notifyOfReplies(): void {
  let before: ReadonlySet<string> = new Set();
  effect(() => {
    const { value: now } = generating;
    const ended = [...before].filter((id) => !now.has(id));
    before = now;
    const isWanted = wantsNotices.peek() && document.visibilityState === 'hidden';
    if (isWanted && canNotify()) for (const id of ended) void notify(id);
  });
}

async function notify(id: string): Promise<void> {
  if (Notification.permission !== 'granted') return;
  const text = strings.peek();
  const title = conversations.peek()?.find((it) => it.id === id)?.title || text.appName;
  const options = {
    body: text.done,
    tag: id,
    icon: `${PREFIX}/icons/icon-192.png`,
    data: `c/${id}`,
  };
  // Phones show notices of service workers only.
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) return registration.showNotification(title, options);
  const notice = new Notification(title, options);
  notice.onclick = () => window.focus();
}
