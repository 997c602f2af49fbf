// The service worker: it keeps the shell of the page (its HTML and the files that this names), so
// that the app opens where there is no network. It never keeps an answer of the API, and it shows
// what it keeps only if the server cannot be reached, so nobody sees an old shell after an upgrade.

const { scope } = self.registration;
const BASE = new URL(scope).pathname;
// Caches belong to the origin, where another site may be under another path.
const CACHE = `chit-shell ${scope}`;
const PAGES = /^(c\/[^/]+|account|import|statement|shared\/[^/]+)?\/?$/;
const PLAIN_FILES = ['theme.js', 'icon.svg', 'manifest.webmanifest'];

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = request.method === 'GET' && origin === self.location.origin;
  if (!isOurs || !pathname.startsWith(BASE)) return;
  const path = pathname.slice(BASE.length);
  if (request.mode === 'navigate' && PAGES.test(path)) event.respondWith(shell(event));
  // The names of these contain a hash of their contents.
  else if (/^assets\/[^/]+$/.test(path)) event.respondWith(hashedFile(request));
  else if (PLAIN_FILES.includes(path)) event.respondWith(plainFile(request));
});

/** The page, from the server if it can be reached. */
async function shell(event) {
  try {
    const response = await fetch(event.request);
    const isPage = response.headers.get('content-type')?.startsWith('text/html');
    if (response.ok && isPage) event.waitUntil(keep(response.clone()).catch(() => undefined));
    return response;
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(scope)) ?? Response.error();
  }
}

/** Keeps a page with the files that it names. What an earlier version had goes first. */
async function keep(response) {
  const html = await response.text();
  const old = await caches.match(scope, { cacheName: CACHE });
  if (old && (await old.text()) === html) return;
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const named = [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  const files = named.map((it) => new URL(it, scope)).filter((it) => it.href.startsWith(scope));
  await cache.addAll([...new Set(files.map((it) => it.href))]);
  // Last, so that a shell is kept only with all its files.
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const policy = response.headers.get('content-security-policy');
  if (policy) headers['content-security-policy'] = policy;
  await cache.put(scope, new Response(html, { headers }));
}

async function hashedFile(request) {
  const kept = await caches.match(request, { cacheName: CACHE });
  if (kept) return kept;
  const response = await fetch(request);
  const cache = await caches.open(CACHE);
  // Only beside a shell: what is loaded later belongs to it.
  if (response.ok && (await cache.match(scope))) await cache.put(request, response.clone());
  return response;
}

async function plainFile(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { cacheName: CACHE })) ?? Response.error();
  }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openChat(event.notification.data));
});

/** Shows a chat in a window that is open, or in a new one. */
async function openChat(path) {
  const windows = await self.clients.matchAll({ type: 'window' });
  const open = windows.find((it) => it.url.startsWith(scope));
  if (!open) return self.clients.openWindow(new URL(path, scope).href);
  open.postMessage({ kind: 'open_chat', path });
  return open.focus();
}
