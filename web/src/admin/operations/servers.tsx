import { number, time } from '../../strings/strings.ts';
import type { Servers } from '../types.ts';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** A clock that differs by less is right. */
const CLOCK_SECONDS = 2;

/** The servers on the database, and in what they differ from the one that answers. */
export function ServerSection() {
  const resource = useResource<Servers>('/api/admin/servers/');
  return (
    <Loaded resource={resource}>
      {({ servers, shares_limits: sharesLimits }) => (
        <section class="page-section">
          <h2>{words.value.servers}</h2>
          <ServerTable servers={servers} />
          {servers.length > 1 && !sharesLimits && (
            <p class="fault">{words.value.limitsNotShared}</p>
          )}
        </section>
      )}
    </Loaded>
  );
}

type Server = Servers['servers'][number];

function ServerTable({ servers }: { servers: readonly Server[] }) {
  const { server, version, runsSince, differences } = words.value;
  return (
    <TableFrame name={words.value.servers}>
      <table class="data stacks">
        <thead>
          <tr>
            <Headings names={[server, version, runsSince, differences]} />
          </tr>
        </thead>
        <tbody>
          {servers.map((it) => (
            <tr key={it.id} class={it.differences.length > 0 ? 'faulty' : undefined}>
              <td>
                {it.host}
                {it.is_this && servers.length > 1 && <p class="hint">{words.value.thisServer}</p>}
              </td>
              <td data-name={version}>{it.version}</td>
              <td data-name={runsSince}>{time(it.started_at)}</td>
              <td class="long-text" data-name={differences}>
                <Differences server={it} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Differences({ server }: { server: Server }) {
  const { differencesOf, clockAhead, clockBehind, noDifferences } = words.value;
  const seconds = server.clock_ahead_seconds;
  const text = number(Math.round(Math.abs(seconds)));
  const isClockWrong = Math.abs(seconds) >= CLOCK_SECONDS;
  if (server.differences.length === 0 && !isClockWrong) return noDifferences;
  return (
    <>
      {server.differences.map((it) => (
        <p key={it}>{differencesOf[it]}</p>
      ))}
      {isClockWrong && <p>{seconds > 0 ? clockAhead(text) : clockBehind(text)}</p>}
    </>
  );
}
