import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { deploymentOf } from '../compose.ts';
import { type Environment, loadConfig } from '../config.ts';
import type { Deployment } from '../core/deployment.ts';
import { CommandFailure, print, printTable } from './output.ts';

const OLLAMA = 'http://127.0.0.1:11434';
const DISCOVER_WITHIN_MS = 2_000;

export function modelsCommand(): Command {
  return new Command('models')
    .description('The models that are offered, and those that could be')
    .addCommand(
      new Command('list')
        .description('List the models that are offered, with their prices')
        .action(async () => printModels(await deploymentOf(loadConfig().config))),
    )
    .addCommand(
      new Command('discover')
        .description('Ask an Ollama nearby (OLLAMA_HOST, or port 11434 here) what it could offer')
        .option('--write <file>', 'write that to a new file')
        .action(discover),
    );
}

/** `chit config check`: reads everything that a start reads, and says what is offered. */
export function checkDeploymentCommand(): Command {
  return new Command('check')
    .description('Check the settings and the file of models, and show what would be offered')
    .action(async () => {
      printModels(await deploymentOf(loadConfig().config));
      print('Everything fits.');
    });
}

function printModels({ models, defaultModel }: Deployment): void {
  printTable(
    models.map(({ name, provider, price, outputTokens, allow }) => ({
      model: name,
      default: name === defaultModel ? 'yes' : '',
      provider,
      message: price.perMessage,
      'million read': price.perMillionInput,
      'from cache': price.perMillionCachedInput,
      'million written': price.perMillionOutput,
      'writes at most': outputTokens,
      for: typeof allow === 'string' ? allow : allow.join(', '),
    })),
  );
}

async function discover({ write }: { readonly write?: string }): Promise<void> {
  const url = ollamaUrl(loadConfig().config.environment);
  const names = await modelsAt(url);
  if (names.length === 0) throw new CommandFailure(`The Ollama at ${url} has no models yet.`);
  const text = deploymentText(url, names);
  if (write === undefined) {
    print(text);
    return;
  }
  if (existsSync(write))
    throw new CommandFailure(`${write} is there already; nothing was written.`);
  writeFileSync(write, `${text}\n`);
  print(`Wrote ${write}. Set the prices in it before you start.`);
}

/** OLLAMA_HOST may lack its scheme or its port, and may be the address that Ollama listens on. */
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
      signal: AbortSignal.timeout(DISCOVER_WITHIN_MS),
    });
    const { models } = (await answer.json()) as { models: { name: string }[] };
    return models.map(({ name }) => name);
  } catch {
    throw new CommandFailure(`No Ollama answers at ${url}. Start it, or set OLLAMA_HOST.`);
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
  // What a million tokens cost, in tokens of the balance: whole numbers, yours to choose.
  "models": [
${models.join(',\n')}
  ]
}`;
}
