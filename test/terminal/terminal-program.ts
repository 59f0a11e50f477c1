/** Runs the operator's screen in a pseudo-terminal: `terminal-program.ts URL CONSOLE [BANNER LINES]`. */
import { runTerminal } from '../../src/terminal/run-terminal.ts';

const [url = '', consoleId = 'COJ1', ...banner] = process.argv.slice(2);
try {
  await runTerminal({ url, consoleId, banner, timeZone: 'UTC' });
  process.stdout.write('LEFT\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
