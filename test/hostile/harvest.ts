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
  harvestLimits(site, request, text);
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

/** Plans, groups, batches and budgets that a request made, or that are not there any more. */
function harvestLimits({ ids }: Site, { method, route, path }: HostileRequest, text: string): void {
  const isAboutLimits = /\/(?:plans|groups|vouchers)\//.test(route);
  if (!isAboutLimits || text.length > LONGEST || !text.startsWith('{')) return;
  const json = JSON.parse(text) as Record<string, { id?: string; name?: string } | undefined>;
  const [, named = ''] = /\/(?:plans|groups|vouchers)\/([^/]+)\//.exec(path) ?? [];
  const add = (kind: string, id: unknown) => {
    ids.add(kind, id);
    ids.add(`spare ${kind}`, id);
  };
  switch (`${method} ${route}`) {
    case 'POST /api/admin/plans/':
    case 'POST /api/admin/plans/{id}/replace/':
      if (json.done) add('plan', json.plan?.id);
      break;
    case 'POST /api/admin/groups/':
      add('group', json.group?.id);
      break;
    case 'POST /api/admin/vouchers/':
      add('batch', json.id);
      break;
    case 'GET /api/admin/vouchers/{id}/codes/':
      for (const { code } of (json.codes as unknown as { code: string }[] | undefined) ?? []) {
        ids.add('code', code);
      }
      break;
    case 'POST /api/admin/groups/{id}/budgets/':
    case 'POST /api/groups/{id}/budgets/':
      ids.add(`budget of ${named}`, json.id);
      break;
    case 'POST /api/admin/plans/{id}/end/':
      if (!json.done) break;
      ids.remove('plan', named);
      ids.remove('spare plan', named);
      break;
    case 'POST /api/admin/groups/{id}/end/':
      ids.remove('group', named);
      ids.remove('spare group', named);
      break;
    case 'POST /api/admin/vouchers/{id}/end/':
      ids.remove('batch', named);
      ids.remove('spare batch', named);
      break;
    default:
  }
}
