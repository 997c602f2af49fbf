#!/usr/bin/env node
/** The program: reads the command line and runs one command of `cli/`. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// What Node compiled and stripped of types is kept for the next start: 20 MB of memory less, since
// the stripper is not loaded, and a faster start. Only then is the rest loaded.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/node-compile-cache'));
const { run } = await import('./cli/program.ts');

process.exitCode = await run(process.argv.slice(2));
