import type { Reply } from './client.ts';
import type { HostileRequest } from './make-request.ts';
import type { Site } from './site.ts';

const LONGEST = 50_000;

/** Keeps ids and tokens from a reply for later requests. */
export function harvest(site: Site, request: HostileRequest, reply: Reply): void {
  const { text, headers } = reply;
  const { ids } = site;
  const { method, route, identity, path, body } = request;
  if (method === 'DELETE' && route === '/api/admin/users/{id}/') {
    ids.remove('lamb-id', /(\d+)\/(?:\?.*)?$/.exec(path)?.[1] ?? '');
    site.addLamb().catch(() => undefined);
    return;
  }
  const cookie = [headers['set-cookie'] ?? []].flat()[0]?.split(';')[0];
  if (cookie) site.cookies.set(identity.name, cookie);
  const isList = route === '/api/tokens/history/' || route === '/api/session/';
  if (method !== 'POST' && !(isList && method === 'GET')) return;
  if (text.length > LONGEST || !text.startsWith('{')) return;
  const json = JSON.parse(text) as Record<string, unknown>;
  const of = identity.ownerName;
  switch (route) {
    case '/api/conversations/':
      ids.add(`conversation of ${of}`, json.id);
      break;
    case '/api/conversations/{id}/messages/':
      ids.add(`message of ${of}`, json.id);
      break;
    case '/api/keys/':
      ids.add(`key of ${of}`, json.id);
      break;
    case '/api/tokens/history/':
      for (const it of (json.results as { id: string; kind: string }[]) ?? []) {
        if (it.kind === 'charge') ids.add('transfer', it.id);
      }
      break;
    case '/api/session/':
      for (const it of (json.sessions as { id: string }[]) ?? [])
        ids.add(`session of ${of}`, it.id);
      break;
    case '/api/admin/users/':
      ids.add('lamb-id', (json.user as { id: number }).id);
      break;
    case '/api/admin/users/{id}/password-link/':
      ids.add('link', /#([\w-]+)/.exec(text)?.[1]);
      break;
    case '/api/login/': {
      ids.add('refresh', json.refresh);
      const mallory = site.identities.find(({ name }) => name === 'mallory');
      if (mallory && body?.includes('mallory')) mallory.credential = String(json.access);
      break;
    }
    default:
  }
}
