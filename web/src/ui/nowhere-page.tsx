import { strings } from '../strings/strings.ts';
import { useTitle } from './use-title.ts';

/** The page for an unknown path or id, with a link to the chat. */
export function Nowhere({ words = strings.value.nowhere }: { words?: string }) {
  useTitle(words);
  return (
    <main class="nowhere">
      <h1>{words}</h1>
      <a class="button" href="/">
        {strings.value.toChat}
      </a>
    </main>
  );
}
