import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { askEachTool } from '../app/operations/ask-tools.ts';
import { defaultModelWarning } from '../app/operations/default-model-warning.ts';
import { checkProviders } from '../app/operations/doctor/check-providers.ts';
import { checkSignIn } from '../app/operations/doctor/check-sign-in.ts';
import { deploymentOf } from '../compose/deployment-of.ts';
import { type Config, ConfigError, type Environment, loadConfig } from '../config.ts';
import type { Deployment } from '../core/deployment.ts';
import { type Finding, hasFault } from '../core/doctor.ts';
import { withoutPassword } from '../core/hidden-password.ts';
import { creditsFor, perMillion, rateOf } from '../core/pricing.ts';
import type { ToolSettings } from '../core/tools.ts';
import { textOf } from './doctor.ts';
import { CommandFailure, print, printTable, visible } from './output.ts';

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
    .option(
      '--ask',
      'ask each provider, tool and way to sign in once, which costs nothing; ' +
        'exit code 1 if one fails',
    )
    .action(async ({ ask }: { readonly ask?: boolean }) => {
      const { config } = loadConfig();
      let deployment: Deployment;
      try {
        deployment = await deploymentOf(config);
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
      if (!ask) return;
      const areToolsThere = await askTools(deployment);
      const canSignIn = await askSignIn(config, deployment);
      await askProviders(deployment);
      if (!areToolsThere) throw new CommandFailure('Not every tool can be reached.');
      if (!canSignIn) throw new CommandFailure('Not every way to sign in works.');
    });
}

/** Asks each tool what it offers. @returns whether all have answered */
async function askTools({ tools = [] }: Deployment): Promise<boolean> {
  if (tools.length === 0) return true;
  const asked = await askEachTool(tools);
  for (const { name, functions, failure } of asked) {
    if (failure === undefined) print(visible(`The tool ${name} offers: ${functions.join(', ')}`));
    else print(visible(`The tool ${name} cannot be reached: ${failure}`));
  }
  return asked.every(({ failure }) => failure === undefined);
}

/** Asks providers of identities and the directory. @returns whether all can be used */
async function askSignIn(settings: Config, deployment: Deployment): Promise<boolean> {
  const found = await checkSignIn({ settings, deployment });
  printFindings(found);
  return !hasFault(found);
}

function printFindings(found: readonly Finding[]): void {
  for (const it of found) {
    const [what, todo] = textOf(it);
    print(visible(todo === undefined ? what : `${what} ${todo}`));
  }
}

/** @throws CommandFailure if a provider cannot be used, or lacks a model */
async function askProviders(deployment: Deployment): Promise<void> {
  const found = await checkProviders({ deployment, failingModels: [] });
  printFindings(found);
  if (found.some(({ severity }) => severity === 'fault' || severity === 'warning')) {
    throw new CommandFailure('Not everything that is on offer can be had from its provider.');
  }
}

function printModels({ models, defaultModel, aliases, tools = [] }: Deployment): void {
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
  if (tools.length > 0) printTools(tools);
}

function printTools(tools: readonly ToolSettings[]): void {
  print('\nTools');
  printTable(
    tools.map(({ name, kind, url, pricePerCall, approval, allow }) => ({
      tool: name,
      kind,
      at: withoutPassword(url),
      call: pricePerCall[0] / pricePerCall[1],
      'asks the user': approval === 'each' ? 'yes' : 'no',
      for: typeof allow === 'string' ? allow : allow.join(', '),
    })),
  );
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
