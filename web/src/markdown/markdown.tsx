import { memo } from 'preact/compat';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { dressCode, onCodeClick } from './code-block.ts';
import { enrich } from './enrich.ts';
import { patchContent } from './patch.ts';
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
    <div class={isGrowing ? 'markdown growing' : 'markdown'} onClick={onCodeClick}>
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
    useLayoutEffect(() => {
      const { current: drawn } = element;
      if (!drawn) return;
      // What is coloured or typeset already is no longer like its HTML.
      if (drawn.querySelector('[data-done]')) drawn.innerHTML = html;
      else patchContent(drawn, html);
      dressCode(drawn);
    }, [html]);
    useEffect(() => {
      if (isDone && element.current) void enrich(element.current);
    }, [html, isDone]);
    return <div ref={element} dir="auto" />;
  },
  (before, after) => before.block.raw === after.block.raw && before.isDone === after.isDone,
);
