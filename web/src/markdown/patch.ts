/** Changes drawn content to what it is now, and keeps every node that may stay. */

/**
 * Makes an element's content that of some HTML. Nodes that are alike stay, and text grows in its
 * node: so what a reader selected in a reply stays selected while the reply goes on.
 * @param html sanitized
 */
export function patchContent(element: Element, html: string): void {
  const template = document.createElement('template');
  template.innerHTML = html;
  patchChildren(element, template.content);
}

function patchChildren(parent: Node, wanted: Node): void {
  let at = parent.firstChild;
  for (const next of [...wanted.childNodes]) {
    const drawn = at;
    at = at?.nextSibling ?? null;
    if (!drawn) parent.appendChild(next);
    else if (isAlike(drawn, next)) patchNode(drawn, next);
    else parent.replaceChild(next, drawn);
  }
  while (at) {
    const gone: ChildNode = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function isAlike(drawn: Node, next: Node): boolean {
  if (drawn.nodeName !== next.nodeName) return false;
  // Its buttons are not in the HTML.
  if (!isCodeHead(drawn)) return true;
  return drawn.dataset.language === (next as HTMLElement).dataset.language;
}

function patchNode(drawn: Node, next: Node): void {
  if (drawn instanceof Text) {
    patchText(drawn, (next as Text).data);
  } else if (drawn instanceof Element && next instanceof Element && !isCodeHead(drawn)) {
    patchAttributes(drawn, next);
    patchChildren(drawn, next);
  }
}

/** Replaces only what differs: a selection before that stays. */
function patchText(drawn: Text, wanted: string): void {
  const { data } = drawn;
  if (data === wanted) return;
  let same = 0;
  while (same < data.length && data[same] === wanted[same]) same += 1;
  drawn.replaceData(same, data.length - same, wanted.slice(same));
}

/** What its reader set stays: that a part is open, or that lines are wrapped. */
function patchAttributes(drawn: Element, next: Element): void {
  for (const { name, value } of [...next.attributes]) {
    if (drawn.getAttribute(name) !== value) drawn.setAttribute(name, value);
  }
  for (const { name } of [...drawn.attributes]) {
    const isReaders = name === 'open' || name.startsWith('data-');
    if (!isReaders && !next.hasAttribute(name)) drawn.removeAttribute(name);
  }
}

function isCodeHead(node: Node): node is HTMLElement {
  return node instanceof HTMLElement && node.classList.contains('code-head');
}
