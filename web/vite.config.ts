import { join } from 'node:path';
import { defineConfig } from 'vite';

const ROOT = import.meta.dirname;

/** The page is built to `web/dist/`, which the server serves; nothing else runs. */
// biome-ignore lint/style/noDefaultExport: Vite looks for the default export of this file.
export default defineConfig({
  root: ROOT,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'admin.html'].map((it) => join(ROOT, it)) },
  },
});
