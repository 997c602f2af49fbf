import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

interface Props {
  readonly text: string;
  readonly isGrowing: boolean;
}

const loaded = signal<{ readonly View: ComponentType<Props> } | undefined>(undefined);

/** Loads what renders replies; until then they are shown as plain text. */
export async function loadMarkdown(): Promise<void> {
  const { Markdown } = await import('./markdown.tsx');
  loaded.value = { View: Markdown };
}

/** A reply, growing or complete. A third of the page's code renders it, so that comes second. */
export function LaterMarkdown(props: Props) {
  // Once more, if it could not be loaded with the page.
  useEffect(() => void loadMarkdown().catch(() => undefined), []);
  const { value: found } = loaded;
  if (found) return <found.View {...props} />;
  return (
    <div class="markdown">
      <p class="plain" dir="auto">
        {props.text}
      </p>
    </div>
  );
}
