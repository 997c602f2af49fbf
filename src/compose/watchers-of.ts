/** Those who watch a server from outside: metrics and traces. */
import packageJson from '../../package.json' with { type: 'json' };
import type { Context } from '../app/context.ts';
import type { Observer } from '../app/operations/observations.ts';
import { type Config, dataFolderOf } from '../config.ts';
import type { ConnectionCount } from '../store/database/dialect.ts';
import type { Traces } from '../telemetry/traces.ts';
import { tracesSettings } from '../telemetry/traces-settings.ts';

/** What they look at. */
interface Watched {
  readonly context: Context;
  connections(): readonly ConnectionCount[];
  atClose(work: () => Promise<void>): void;
}

/** Those who watch a server from outside; what nobody asked for is not loaded. */
export async function watchersOf(chit: Watched, config: Config) {
  const { metricsPort: port, metricsHost: host, metricsToken: token } = config;
  const observers: Observer[] = [];
  const traces = await tracesOf(chit, config);
  if (traces) observers.push(traces);
  if (port === undefined && token === '') return { observers, traces, metrics: undefined };
  const { Metrics } = await import('../telemetry/metrics.ts');
  const isFile = config.databaseUrl.startsWith('sqlite:');
  const page = new Metrics(chit.context, {
    version: packageJson.version,
    connections: chit.connections,
    dataFolder: isFile ? dataFolderOf(config) : undefined,
  });
  observers.push(page.requests);
  return { observers, traces, metrics: { page, port, host, token } };
}

async function tracesOf(chit: Watched, { environment }: Config): Promise<Traces | undefined> {
  const settings = tracesSettings(environment);
  if (!settings) return undefined;
  const { Traces } = await import('../telemetry/traces.ts');
  const traces = new Traces(settings, packageJson.version);
  chit.atClose(() => traces.close());
  return traces;
}
