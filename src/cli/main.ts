/** The process around the command line: what `bin/hitline.cjs` runs. */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { runCommandLine } from './command-line.ts';

// On an older Node the launcher stays and holds the other end of this channel; when it is killed, so is its child.
if (process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

/**
 * How to end when standard output or error cannot be written. A reader that has had enough, such as `head`, is no failure
 * of ours, nor is a terminal that was taken away; a full disk is.
 */
function codeOfBrokenStream(error: Error): number {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO') ? 0 : 70;
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    // The SIGHUP that comes with a lost terminal ends the program in good order; an exit here would cut that short.
    if (!('code' in error && error.code === 'EIO')) process.exit(codeOfBrokenStream(error));
  });
}

// Node would print the words of the error, which may hold what a peer sent. What is said comes last, after whoever
// owns the screen has given it back on exit.
process.on('uncaughtException', async (error) => {
  const { placeOf } = await import('../host/log.ts');
  process.once('exit', () => writeSync(2, `hitline: our own failure: unexpected error (at ${placeOf(error)})\n`));
  process.exit(70);
});

// Node would open its debugger on loopback, where anybody on the machine could read all there is in memory; and the signal is
// easily taken for SIGUSR2, by which a gateway reads its certificates again.
process.on('SIGUSR1', () => undefined);

const exitCode = await runCommandLine(process.argv.slice(2), process);
// Pipes are written behind our back: wait for the last byte before the process goes.
process.stdout.write('', (error) => process.exit(error ? codeOfBrokenStream(error) : exitCode));
