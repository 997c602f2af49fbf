/** Syntax highlighting and formulas, loaded only when a reply needs them. */
import { soon } from '../ui/in-steps.ts';

/** Longer code stays without colours: they would take too long. */
const MAX_COLOURED = 60_000;

/** Highlights code and typesets formulas in an element, where that was not done yet. */
export async function enrich(element: HTMLElement): Promise<void> {
  await Promise.all([colourCode(element), setFormulas(element)]);
}

async function colourCode(element: HTMLElement): Promise<void> {
  const codes = [...element.querySelectorAll<HTMLElement>('code[data-language]:not([data-done])')];
  const wanted = codes.filter((it) => it.dataset.language !== '');
  if (wanted.length === 0) return;
  const { default: highlighter } = await import('highlight.js/lib/common');
  for (const code of wanted) {
    const language = code.dataset.language ?? '';
    code.dataset.done = '';
    const text = code.textContent ?? '';
    if (!highlighter.getLanguage(language) || text.length > MAX_COLOURED) continue;
    // The highlighter escapes its input.
    soon(() => {
      code.innerHTML = highlighter.highlight(text, { language }).value;
    });
  }
}

async function setFormulas(element: HTMLElement): Promise<void> {
  const formulas = [...element.querySelectorAll<HTMLElement>('.math:not([data-done])')];
  if (formulas.length === 0) return;
  const { default: katex } = await import('katex');
  for (const formula of formulas) {
    const tex = formula.textContent ?? '';
    formula.dataset.done = '';
    const displayMode = formula.classList.contains('block');
    // MathML needs neither styles nor fonts of its own; `trust` keeps links out.
    const options = { displayMode, output: 'mathml', throwOnError: false, trust: false } as const;
    soon(() => {
      formula.innerHTML = katex.renderToString(tex, options);
    });
  }
}
