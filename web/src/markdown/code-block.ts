/** The line above a block of code: its language, and buttons to wrap, download and copy it. */
import { saveFile } from '../api/download.ts';
import { strings } from '../strings/strings.ts';
import { announce } from '../ui/announcer.tsx';
import { copyText } from '../ui/clipboard.ts';
import { OUTCOME_MS } from '../ui/copy-button.tsx';
import { ICON_PATHS, type IconName } from '../ui/icons.tsx';
import { fileNameFor } from './code-file-name.ts';

/** Puts buttons above the blocks of code in an element that have none yet. */
export function dressCode(element: Element): void {
  const text = strings.value;
  for (const head of element.querySelectorAll<HTMLElement>('.code-head:not([data-dressed])')) {
    head.dataset.dressed = '';
    const wrap = button('wrap', text.wrapLines, 'wrap');
    wrap.ariaPressed = 'false';
    const copy = button('copy', text.copy, 'copy');
    copy.append(words(text.copy));
    head.append(wrap, button('save', text.downloadCode, 'download'), copy);
  }
}

/** Does what a click on one of the buttons asks for. */
export function onCodeClick(event: MouseEvent): void {
  const pressed = (event.target as Element).closest<HTMLButtonElement>('.code-head button');
  const block = pressed?.closest<HTMLElement>('.code');
  const code = block?.querySelector('code');
  if (!pressed || !block || !code) return;
  const content = code.textContent ?? '';
  if (pressed.classList.contains('wrap')) wrapLines(block, pressed);
  else if (pressed.classList.contains('save')) {
    saveFile(new Blob([content], { type: 'text/plain' }), fileNameFor(code.dataset.language ?? ''));
  } else void copyCode(content, pressed);
}

function wrapLines(block: HTMLElement, pressed: HTMLElement): void {
  const isWrapped = block.dataset.wraps !== undefined;
  if (isWrapped) delete block.dataset.wraps;
  else block.dataset.wraps = '';
  pressed.ariaPressed = String(!isWrapped);
}

async function copyCode(content: string, pressed: HTMLElement): Promise<void> {
  const outcome = (await copyText(content)) ? strings.value.copied : strings.value.notCopied;
  const label = pressed.querySelector('span');
  if (label) label.textContent = outcome;
  announce(outcome);
  setTimeout(() => {
    if (label) label.textContent = strings.value.copy;
  }, OUTCOME_MS);
}

function button(name: string, label: string, icon: IconName): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = `quiet ${name}`;
  if (name !== 'copy') {
    made.ariaLabel = label;
    made.title = label;
  }
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', ICON_PATHS[icon]);
  svg.append(path);
  made.append(svg);
  return made;
}

function words(label: string): HTMLElement {
  const made = document.createElement('span');
  made.textContent = label;
  return made;
}
