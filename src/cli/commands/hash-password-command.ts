import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { HitlineError } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { decodeText } from '../json-input.ts';
import { readInput, type Streams, write } from '../streams.ts';

/** `hitline hash-password`: what `people.initial[].passwordHash` of a configuration takes. */
export const hashPasswordCommand: CommandRow = {
  name: 'hash-password',
  describe: 'Reads a password and prints the hash that a configuration takes in its place.',
  configure(command) {
    command
      .option('--fips', 'PBKDF2-SHA256, for a system with "fips: true"; argon2id without it')
      .addHelpText(
        'after',
        '\nAt a terminal the password is asked for and not shown. Else it is the first line of the input.',
      );
  },
  async run({ options, streams }) {
    const { argon2Cost, fipsCost, hashPassword, isPasswordStrong } = await import('../../switch/people/password.ts');
    const password = streams.stdin.isTTY === true ? await ask(streams) : await firstLine(streams);
    if (!isPasswordStrong(password, '')) throw new HitlineError('PASSWORD_WEAK');
    const hash = await hashPassword(password, options['fips'] === true ? fipsCost : argon2Cost);
    await write(streams.stdout, `${hash}\n`);
    return 0;
  },
};

async function firstLine(streams: Streams): Promise<string> {
  return decodeText(await readInput(streams, undefined)).split(/\r?\n/, 1)[0] ?? '';
}

/** Asks at the terminal; what is typed goes nowhere, so that it is not shown. */
async function ask(streams: Streams): Promise<string> {
  await write(streams.stderr, 'password: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: streams.stdin, output: nowhere, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    await write(streams.stderr, '\n');
  }
}
