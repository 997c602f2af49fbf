/**
 * Makes the documentation a site of static pages, which works at any path and from a folder:
 * `npm run build:docs` writes it to `dist-docs/`. Pages have no script of their own and ask no
 * other host, so any content security policy that allows `'self'` will do.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, normalize } from 'node:path';
import { Marked, type Token, type Tokens } from 'marked';
import { escaped, type Heading, layout, type Page } from './layout.ts';
import { FOLDERS, type PageSource, pagesOf } from './pages.ts';

const require = createRequire(import.meta.url);
/** Not imported, since its types bring those of browsers along. */
const highlighter: {
  getLanguage(name: string): unknown;
  highlight(text: string, options: { language: string }): { value: string };
} = require('highlight.js/lib/common');

const ROOT = join(import.meta.dirname, '..');
const STYLES = join(ROOT, 'web/src/styles');

/** A heading with the words below it, as search finds it. */
interface Passage {
  readonly id: string;
  /** The title of the page. */
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

/**
 * Builds the site.
 * @param out an empty or new folder; what is in it is deleted
 * @returns the paths of the pages, in the order of the navigation
 */
export function buildSite(out: string): string[] {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const pages = pagesOf(ROOT).map(readPage);
  const passages = pages.flatMap((page) => writePage(page, pages, out));
  const index = JSON.stringify(passages);
  writeFileSync(join(out, 'search-index.js'), `window.chitPassages = ${index};\n`);
  const umd = readFileSync(join(dirname(require.resolve('minisearch')), '../umd/index.js'), 'utf8');
  writeFileSync(join(out, 'minisearch.js'), umd.replace(/^\/\/# sourceMappingURL.*$/m, ''));
  writeFileSync(join(out, 'site.css'), styles());
  cpSync(join(import.meta.dirname, 'site.js'), join(out, 'site.js'));
  cpSync(join(ROOT, 'web/public/icon.svg'), join(out, 'icon.svg'));
  return pages.map(({ page }) => page);
}

/** The colours and the inks of code are those of the chat page. */
function styles(): string {
  const base = readFileSync(join(STYLES, 'base.css'), 'utf8');
  const markdown = readFileSync(join(STYLES, 'markdown.css'), 'utf8');
  const roles = base.slice(0, base.indexOf('\n*,'));
  const inks = markdown.slice(markdown.indexOf('/* Code, in inks of the page. */'));
  return [roles, readFileSync(join(import.meta.dirname, 'site.css'), 'utf8'), inks].join('\n');
}

function readPage(source: PageSource): Page {
  const text = FOLDERS[source.source] ?? readFileSync(join(ROOT, source.source), 'utf8');
  const title = /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? basename(source.source);
  return { ...source, title, text };
}

/** Writes one page, with the images that it shows; returns what can be found in it. */
function writePage(page: Page, all: readonly Page[], out: string): Passage[] {
  const listed = all.filter(({ listedOn }) => listedOn === page.source);
  const list = listed.map(({ title, source }) => `- [${title}](${relativeTo(page, source)})`);
  const { html, headings, passages } = render(page, `${page.text}\n\n${list.join('\n')}`, all);
  for (const [, image = ''] of html.matchAll(/<img src="([^"]+)"/g)) {
    mkdirSync(join(out, dirname(image)), { recursive: true });
    cpSync(join(ROOT, 'docs', image), join(out, image));
  }
  writeFileSync(join(out, page.page), layout(page, all, html, headings));
  return passages;
}

function relativeTo({ source }: Page, target: string): string {
  return source in FOLDERS ? target.replace(`${source}/`, '') : target;
}

/** The same anchors as GitHub's: links work in both. */
function slugOf(text: string): string {
  const words = text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
  return words.trim().replaceAll(' ', '-');
}

function render(page: Page, markdown: string, all: readonly Page[]) {
  const headings: Heading[] = [];
  const passages: Passage[] = [];
  const slugs = new Map<string, number>();
  const take = (token: Token): void => {
    if (token.type !== 'heading' && token.type !== 'space' && token.type !== 'html') {
      const last = passages.at(-1);
      const text = plain(token.raw);
      if (last) passages[passages.length - 1] = { ...last, text: `${last.text} ${text}`.trim() };
    }
    if (token.type !== 'heading') return;
    const text = plain((token as Tokens.Heading).text);
    const slug = slugOf(text);
    const count = slugs.get(slug) ?? 0;
    slugs.set(slug, count + 1);
    const id = count === 0 ? slug : `${slug}-${count}`;
    headings.push({ depth: (token as Tokens.Heading).depth, id, text });
    const isTitle = (token as Tokens.Heading).depth === 1;
    const address = isTitle ? page.page : `${page.page}#${id}`;
    passages.push({ id: address, page: page.label ?? page.title, heading: text, text: '' });
  };
  let nth = 0;
  const marked = new Marked({
    renderer: {
      heading({ depth, tokens }) {
        const { id = '', text = '' } = headings[nth] ?? {};
        nth += 1;
        const words = this.parser.parseInline(tokens);
        if (depth === 1) return `<h1 id="${id}">${words}</h1>\n`;
        const label = `Link to ${escaped(text)}`;
        const anchor = `<a class="anchor" href="#${id}" aria-label="${label}">#</a>`;
        return `<h${depth} id="${id}">${words} ${anchor}</h${depth}>\n`;
      },
      code({ text, lang = '' }) {
        const language = { jsonc: 'json', nginx: 'ini' }[lang] ?? lang;
        const isKnown = language !== '' && highlighter.getLanguage(language);
        const code = isKnown ? highlighter.highlight(text, { language }).value : escaped(text);
        return `<div class="code"><pre tabindex="0"><code>${code}\n</code></pre></div>\n`;
      },
      html: () => '',
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const address = addressOf(page, href, all);
        return address === undefined ? words : `<a href="${escaped(address)}">${words}</a>`;
      },
      image({ href, text }) {
        const path = normalize(join(dirname(page.source), href)).replace(/^docs\//, '');
        return `<img src="${escaped(path)}" alt="${escaped(text)}" loading="lazy">`;
      },
    },
  });
  const tokens = marked.lexer(markdown);
  for (const token of tokens) take(token);
  const tables = /<table>.*?<\/table>/gs;
  const html = marked
    .parser(tokens)
    .replace(
      tables,
      (it) => `<div class="table" tabindex="0">${it.replaceAll('<th></th>', '<td></td>')}</div>`,
    );
  return { html, headings, passages };
}

/** Where a link leads on the site; undefined for a file that is no page. */
function addressOf(page: Page, href: string, all: readonly Page[]): string | undefined {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const folder = page.source in FOLDERS ? page.source : dirname(page.source);
  const target = normalize(join(folder, path)).replace(/\/$/, '');
  const found = all.find(({ source }) => source === target);
  return found && found.page + (anchor === undefined ? '' : `#${anchor}`);
}

/** Markdown as words. */
function plain(markdown: string): string {
  return markdown
    .replace(/^```.*$/gm, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\|?[\s:|-]*-{3,}[\s:|-]*\|/g, ' ')
    .replace(/[*`|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

if (import.meta.main) buildSite(join(ROOT, 'dist-docs'));
