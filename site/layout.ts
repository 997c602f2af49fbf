/** What stands around the text of each page. */
import { join } from 'node:path';
import { type PageSource, sectionsOf } from './pages.ts';

const ROOT = join(import.meta.dirname, '..');

/** A document with its title. */
export interface Page extends PageSource {
  readonly title: string;
  readonly text: string;
}

/** A heading, and the anchor that links to it name. */
export interface Heading {
  readonly depth: number;
  readonly id: string;
  readonly text: string;
}

/** Text for HTML. */
export function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (it) => names[it] ?? it);
}

/** The page as a file. */
export function layout(
  page: Page,
  all: readonly Page[],
  html: string,
  headings: readonly Heading[],
): string {
  const inNavigation = all.filter(({ listedOn }) => listedOn === undefined);
  const at = inNavigation.indexOf(page);
  const [before, next] = [at > 0 ? inNavigation[at - 1] : undefined, inNavigation[at + 1]];
  const turn = (to: Page | undefined, rel: string) =>
    to ? `<a rel="${rel}" href="${to.page}">${escaped(to.label ?? to.title)}</a>` : '<span></span>';
  const turns = `${turn(before, 'prev')}${turn(next, 'next')}`;
  const ends = at < 0 ? '' : `<nav class="turn" aria-label="Next pages">${turns}</nav>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title)}${page.title === 'Chit' ? '' : ' – Chit'}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="site.css">
<script src="site.js"></script>
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header>
<button class="menu" popovertarget="pages">Pages</button>
<a class="home" href="index.html"><img src="icon.svg" alt="">Chit</a>
<search><input type="search" placeholder="Search" aria-label="Search the documentation" hidden>
<ul class="results" aria-label="Found" hidden></ul></search>
<button class="theme" aria-label="Light or dark" hidden>◐</button>
</header>
<nav id="pages" popover aria-label="Pages">
${navigation(page, all, headings)}
</nav>
<main id="content">
${html}${ends}
</main>
</body>
</html>
`;
}

function navigation(page: Page, all: readonly Page[], headings: readonly Heading[]): string {
  const item = (it: Page) => {
    const isHere = it.page === page.page;
    const isAbove = it.source === page.listedOn;
    const current = isHere ? ' aria-current="page"' : isAbove ? ' aria-current="true"' : '';
    const link = `<a href="${it.page}"${current}>${escaped(it.label ?? it.title)}</a>`;
    const parts = isHere ? headings.filter(({ depth }) => depth === 2) : [];
    if (parts.length === 0) return `<li>${link}</li>`;
    const below = parts.map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`);
    return `<li>${link}<ul>${below.join('')}</ul></li>`;
  };
  return sectionsOf(ROOT)
    .map(({ title, pages }) => {
      const items = pages.flatMap(({ page: path }) => all.filter((it) => it.page === path));
      return `<h2>${title}</h2>\n<ul>\n${items.map(item).join('\n')}\n</ul>`;
    })
    .join('\n');
}
