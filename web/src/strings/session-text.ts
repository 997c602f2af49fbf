/** What a session was begun with, in a few words: `Firefox on Windows`. */
import type { Session } from '../api/types.ts';
import { strings } from './strings.ts';

/** The browser and the system, as far as they are known. */
export function sessionText({ browser, system }: Pick<Session, 'browser' | 'system'>): string {
  const { value: text } = strings;
  if (browser !== null && system !== null) return text.browserOn(browser, system);
  return browser ?? system ?? text.unknownDevice;
}
