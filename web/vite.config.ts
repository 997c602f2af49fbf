import { join } from 'node:path';
import { defineConfig } from 'vite';

const ROOT = import.meta.dirname;

/** The page is built to `web/dist/`, which the server serves; nothing else runs. */
// biome-ignore lint/style/noDefaultExport: Vite looks for the default export of this file.
export default defineConfig({
  root: ROOT,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The page may be under any path of its host: the server writes it into the HTML, and files find
  // each other by their relative paths.
  experimental: {
    renderBuiltUrl: (_name, { hostType }) => (hostType === 'html' ? undefined : { relative: true }),
  },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'admin.html'].map((it) => join(ROOT, it)) },
  },
});
