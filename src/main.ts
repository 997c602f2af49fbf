/** The program: reads the command line and runs one command of `cli/`. */
import { run } from './cli/program.ts';

process.exitCode = await run(process.argv.slice(2));
