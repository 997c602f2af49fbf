import { memo } from 'preact/compat';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { strings } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';
import { copyText } from '../ui/clipboard.ts';
import { OUTCOME_MS } from '../ui/copy-button.tsx';
import { enrich } from './enrich.ts';
import {
  type Block,
  blocksOf,
  GrowingBlocks,
  hasDefinitions,
  htmlOf,
  mayBecomeTable,
} from './render.ts';

/** Rendered per frame: a long reply that comes at once must not block the page. */
const BLOCKS_A_FRAME = 12;

/** A reply, growing or complete. */
export function Markdown({ text, isGrowing }: { text: string; isGrowing: boolean }) {
  const growing = useRef<GrowingBlocks>(null);
  const blocks = useMemo(() => {
    if (isGrowing) growing.current ??= new GrowingBlocks();
    // A complete reply is parsed again if a link may be defined at its end.
    if (!growing.current || (!isGrowing && hasDefinitions(text))) return blocksOf(text);
    const read = growing.current.read(text);
    const last = read.at(-1);
    return isGrowing && last && mayBecomeTable(last) ? read.slice(0, -1) : read;
  }, [text, isGrowing]);
  const drawn = useDrawn(blocks.length);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: The buttons in it are what is clicked.
    // biome-ignore lint/a11y/useKeyWithClickEvents: A key on a button is a click as well.
    <div class="markdown" onClick={copyCode}>
      {blocks.slice(0, drawn).map((block, index) => (
        <BlockView key={index} block={block} isDone={!isGrowing || index < blocks.length - 1} />
      ))}
    </div>
  );
}

/** How many blocks to render: a few more with each frame, until all are shown. */
function useDrawn(wanted: number): number {
  const [drawn, setDrawn] = useState(BLOCKS_A_FRAME);
  useEffect(() => {
    if (drawn >= wanted) return;
    const frame = requestAnimationFrame(() => setDrawn(drawn + BLOCKS_A_FRAME));
    return () => cancelAnimationFrame(frame);
  }, [drawn, wanted]);
  return drawn;
}

const BlockView = memo(
  ({ block, isDone }: { block: Block; isDone: boolean }) => {
    const element = useRef<HTMLDivElement>(null);
    const html = useMemo(() => htmlOf(block), [block]);
    useEffect(() => {
      if (!element.current) return;
      for (const button of element.current.querySelectorAll('button.copy')) {
        button.textContent = strings.value.copy;
      }
      if (isDone) void enrich(element.current);
    }, [html, isDone]);
    return <div ref={element} dangerouslySetInnerHTML={{ __html: html }} />;
  },
  (before, after) => before.block.raw === after.block.raw && before.isDone === after.isDone,
);

function copyCode(event: MouseEvent): void {
  const button = (event.target as Element).closest('button.copy');
  const code = button?.closest('.code')?.querySelector('code')?.textContent;
  if (!button || typeof code !== 'string') return;
  void copyText(code).then((isCopied) => {
    const outcome = isCopied ? strings.value.copied : strings.value.notCopied;
    button.textContent = outcome;
    announce(outcome);
    setTimeout(() => {
      button.textContent = strings.value.copy;
    }, OUTCOME_MS);
  });
}
