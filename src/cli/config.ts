import { Command } from 'commander';
import { secretKeyPath } from '../auth/secret-key.ts';
import { dataFolderOf, loadConfig, SETTINGS, type SettingKey, withoutPassword } from '../config.ts';
import { checkDeploymentCommand } from './models.ts';
import { printTable } from './output.ts';

export function configCommand(): Command {
  return new Command('config')
    .description('Show every setting, its value (secrets hidden) and where it came from')
    .addCommand(checkDeploymentCommand())
    .action(() => {
      const { config, origin } = loadConfig();
      const rows = Object.entries(SETTINGS).map(([key, setting]) => {
        const { text, source } = origin[key as SettingKey];
        const isKeyFile = key === 'secretKey' && text === '';
        return {
          setting: setting.name,
          value: setting.isSecret
            ? '(hidden)'
            : withoutPassword(text) || `(${setting.fallbackNote})`,
          from: isKeyFile ? secretKeyPath(dataFolderOf(config)) : source,
        };
      });
      printTable(rows);
    });
}
