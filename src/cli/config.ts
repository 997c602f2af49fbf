import { Command } from 'commander';
import { type LimitInForce, limitsInForce } from '../app/metering/limits-in-force.ts';
import { secretKeyPath } from '../auth/secret-key.ts';
import { deploymentOf } from '../compose/deployment-of.ts';
import { type Config, ConfigError, dataFolderOf, loadConfig, SETTINGS } from '../config.ts';
import { checkDeploymentCommand } from './models.ts';
import { print, printError, printTable } from './output.ts';

export function configCommand(): Command {
  return new Command('config')
    .description('Show every setting, its value (secrets hidden) and its source')
    .addCommand(checkDeploymentCommand())
    .action(async () => {
      const { config, origin } = loadConfig();
      const hasKeyFile = origin.secretKey.text === '';
      const rows = config.shown.map(({ name, value, source }) => {
        const isKeyFile = name === SETTINGS.secretKey.name && hasKeyFile;
        const from = isKeyFile ? secretKeyPath(dataFolderOf(config)) : source;
        return { setting: name, value: value ?? '(hidden)', from };
      });
      printTable(rows);
      await printLimits(config);
    });
}

const LIMITS: Record<LimitInForce['what'], string> = {
  requestsPerMinute: 'requests to models per minute',
  concurrentGenerations: 'concurrent replies',
  usageTokensPerMinute: 'model tokens per minute',
};

/** The rate limits that hold: those of `chit.json` override the settings. */
async function printLimits(config: Config): Promise<void> {
  let limits: readonly LimitInForce[];
  try {
    limits = limitsInForce(config, (await deploymentOf(config)).limits);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printError(`Which limits hold cannot be said, since chit.json has faults:\n${error.message}`);
    return;
  }
  print('\nLimits in force');
  printTable(
    limits.map(({ who, what, value, source }) => ({
      limit: LIMITS[what],
      of: who === 'account' ? 'each account' : 'each API key',
      value: value === 0 ? 'none' : String(value),
      from: { file: 'chit.json', setting: 'setting', none: '' }[source],
    })),
  );
}
