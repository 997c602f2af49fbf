import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { defaultModelWarning } from '../app/operations/default-model-warning.ts';
import { deploymentOf } from '../compose/deployment-of.ts';
import { ConfigError, type Environment, loadConfig } from '../config.ts';
import type { Deployment } from '../core/deployment.ts';
import { creditsFor, perMillion, rateOf } from '../core/pricing.ts';
import { CommandFailure, print, printTable } from './output.ts';

const OLLAMA = 'http://127.0.0.1:11434';
const OLLAMA_TIMEOUT_MS = 2_000;

export function modelsCommand(): Command {
  return new Command('models')
    .description('List the models on offer, or find models to offer')
    .addCommand(
      new Command('list')
        .description('List the models on offer, with their prices')
        .action(async () => printModels(await deploymentOf(loadConfig().config))),
    )
    .addCommand(
      new Command('discover')
        .description(
          'Find the models of an Ollama server (OLLAMA_HOST, or port 11434 of this machine)',
        )
        .option('--write <file>', 'write a chit.json with these models to a new file')
        .action(discover),
    );
}

/** `chit config check`: reads everything that `serve` reads, and shows the models on offer. */
export function checkDeploymentCommand(): Command {
  return new Command('check')
    .description('Check the settings and chit.json, and show the models on offer')
    .action(async () => {
      const { config } = loadConfig();
      try {
        const deployment = await deploymentOf(config);
        printModels(deployment);
        const { models, defaultModel } = deployment;
        const chosen = models.find(({ name }) => name === defaultModel);
        const warning = chosen && defaultModelWarning(chosen);
        if (warning) print(`Warning: ${warning}`);
      } catch (error) {
        // The command was used rightly; what it checked is wrong.
        if (error instanceof ConfigError) throw new CommandFailure(error.message);
        throw error;
      }
      print('Everything is valid.');
    });
}

function printModels({ models, defaultModel, aliases }: Deployment): void {
  printTable(
    models.map(({ name, provider, price, outputTokens, allow }) => ({
      model: name,
      default: name === defaultModel ? 'yes' : '',
      provider,
      message: creditsFor(rateOf(price, 'message', 0)),
      '1M input': perMillion(rateOf(price, 'input', 0)),
      '1M cached': perMillion(rateOf(price, 'cached_input', 0)),
      '1M output': perMillion(rateOf(price, 'output', 0)),
      'max output': outputTokens ?? '',
      for: typeof allow === 'string' ? allow : allow.join(', '),
    })),
  );
  for (const [alias, name] of Object.entries(aliases)) print(`${alias} is an alias of ${name}`);
}

async function discover({ write }: { readonly write?: string }): Promise<void> {
  const url = ollamaUrl(loadConfig().config.environment);
  const names = await modelsAt(url);
  if (names.length === 0)
    throw new CommandFailure(`The Ollama server at ${url} has no models yet.`);
  const text = deploymentText(url, names);
  if (write === undefined) {
    print(text);
    return;
  }
  if (existsSync(write)) throw new CommandFailure(`${write} already exists; nothing was written.`);
  writeFileSync(write, `${text}\n`);
  print(`Wrote ${write}. Set the prices in it before you start the server.`);
}

/** OLLAMA_HOST may lack a scheme or port, and may be the address that Ollama listens on. */
function ollamaUrl({ OLLAMA_HOST: host }: Environment): string {
  if (!host) return OLLAMA;
  const url = new URL(/^https?:/.test(host) ? host : `http://${host}`);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && !/:\d+\/?$/.test(host)) url.port = '11434';
  return url.origin;
}

/** https://github.com/ollama/ollama/blob/main/docs/api.md, "List local models". */
async function modelsAt(url: string): Promise<string[]> {
  try {
    const answer = await fetch(`${url}/api/tags`, {
      signal: AbortSignal.timeout(OLLAMA_TIMEOUT_MS),
    });
    const { models } = (await answer.json()) as { models: { name: string }[] };
    return models.map(({ name }) => name);
  } catch {
    throw new CommandFailure(`No Ollama server answers at ${url}. Start it, or set OLLAMA_HOST.`);
  }
}

function deploymentText(url: string, names: readonly string[]): string {
  const models = names.map((name) => {
    const price = '{ "perMillionInput": 1000, "perMillionOutput": 1000 }';
    return `    { "name": ${JSON.stringify(name)}, "provider": "ollama", "price": ${price} }`;
  });
  return `{
  "providers": {
    "ollama": { "wire": "openai", "baseUrl": "${url}/v1" }
  },
  // Prices per 1M tokens, in tokens of the balance: whole numbers of your choice.
  "models": [
${models.join(',\n')}
  ]
}`;
}
