import { Command } from 'commander';
import { secretKeyPath } from '../auth/secret-key.ts';
import { dataFolderOf, loadConfig, SETTINGS } from '../config.ts';
import { checkDeploymentCommand } from './models.ts';
import { printTable } from './output.ts';

export function configCommand(): Command {
  return new Command('config')
    .description('Show every setting, its value (secrets hidden) and its source')
    .addCommand(checkDeploymentCommand())
    .action(() => {
      const { config, origin } = loadConfig();
      const hasKeyFile = origin.secretKey.text === '';
      const rows = config.shown.map(({ name, value, source }) => {
        const isKeyFile = name === SETTINGS.secretKey.name && hasKeyFile;
        const from = isKeyFile ? secretKeyPath(dataFolderOf(config)) : source;
        return { setting: name, value: value ?? '(hidden)', from };
      });
      printTable(rows);
    });
}
