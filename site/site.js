/** Search, theme and copying on the pages of the documentation. All of them can be read without. */
(() => {
  const THEME = 'chit-docs-theme';
  const MOST_FOUND = 12;
  const AROUND = 60;
  const root = document.documentElement;

  /** Storage may be refused, as it is to some pages from a folder. */
  function storedTheme(value) {
    try {
      if (value === undefined) return localStorage.getItem(THEME);
      localStorage.setItem(THEME, value);
    } catch {}
    return value;
  }

  const theme = storedTheme();
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  function make(name, text, parent) {
    const element = document.createElement(name);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function load(source) {
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = source;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${source} cannot be loaded.`));
      document.head.append(script);
    });
  }

  let index;
  /** Read when somebody is about to search: the other pages stay as small as they are. */
  function searchIndex() {
    index ??= Promise.all([load('minisearch.js'), load('search-index.js')]).then(() => {
      const search = new window.MiniSearch({
        fields: ['heading', 'page', 'text'],
        storeFields: ['heading', 'page', 'text'],
        searchOptions: {
          boost: { heading: 4, page: 2 },
          boostDocument: (id) => (/^(decisions|bench|changelog)-?/.test(id) ? 0.4 : 1),
          prefix: true,
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          combineWith: 'AND',
        },
      });
      search.addAll(window.chitPassages);
      return search;
    });
    return index;
  }

  /** The words around the first one that was found, which are marked. */
  function showExcerpt({ text, terms }, parent) {
    const words = terms.map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`(${words.join('|')})`, 'i');
    const at = Math.max(0, text.search(pattern));
    const from = at < AROUND ? 0 : text.indexOf(' ', at - AROUND) + 1;
    const excerpt = (from > 0 ? '… ' : '') + text.slice(from, at + 2 * AROUND).replace(/\S*$/, '…');
    const line = make('p', '', parent);
    for (const [nth, part] of excerpt.split(new RegExp(pattern, 'gi')).entries()) {
      if (nth % 2 === 1) make('mark', part, line);
      else line.append(part);
    }
  }

  async function showFound(field, list) {
    const query = field.value.trim();
    if (query === '') {
      list.hidden = true;
      return;
    }
    const found = (await searchIndex()).search(query).slice(0, MOST_FOUND);
    if (query !== field.value.trim()) return;
    list.replaceChildren();
    list.hidden = false;
    for (const it of found) {
      const link = make('a', '', make('li', '', list));
      link.href = it.id;
      make('strong', it.heading, link);
      if (it.page !== it.heading) make('span', ` – ${it.page}`, link);
      showExcerpt(it, link);
    }
    if (found.length === 0) make('p', 'Nothing was found.', make('li', '', list));
  }

  function prepareSearch(field, list) {
    field.hidden = false;
    field.addEventListener('focus', () => void searchIndex());
    field.addEventListener('input', () => void showFound(field, list));
    const box = field.parentElement;
    box.addEventListener('keydown', (event) => {
      const links = [...list.querySelectorAll('a')];
      const at = links.indexOf(document.activeElement);
      if (event.key === 'Escape') {
        list.hidden = true;
        field.focus();
      } else if (event.key === 'Enter' && at < 0) {
        links[0]?.click();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        const next = at + (event.key === 'ArrowDown' ? 1 : -1);
        (next < 0 ? field : (links[next] ?? links.at(-1) ?? field)).focus();
      }
    });
    document.addEventListener('click', (event) => {
      if (!box.contains(event.target) || event.target.closest('a')) list.hidden = true;
    });
    document.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.target.closest?.('input')) return;
      event.preventDefault();
      field.focus();
    });
  }

  function prepareTheme(button) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const isDark = getComputedStyle(root).colorScheme === 'dark';
      const follows = root.dataset.theme === undefined;
      const wasDark = follows ? matchMedia('(prefers-color-scheme: dark)').matches : isDark;
      root.dataset.theme = wasDark ? 'light' : 'dark';
      storedTheme(root.dataset.theme);
    });
  }

  function prepareCopying(block) {
    const button = make('button', 'Copy', block);
    button.className = 'copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
    });
  }

  document.addEventListener('DOMContentLoaded', () => {
    prepareSearch(document.querySelector('input'), document.querySelector('.results'));
    prepareTheme(document.querySelector('.theme'));
    for (const link of document.querySelectorAll('#pages ul ul a')) {
      link.addEventListener('click', () => document.getElementById('pages').hidePopover?.());
    }
    if (navigator.clipboard) document.querySelectorAll('.code').forEach(prepareCopying);
  });
})();
