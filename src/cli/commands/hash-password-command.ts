import { HitlineError } from '../../faults/fault.ts';
import { askHidden, firstLine } from '../ask-secret.ts';
import type { CommandRow } from '../command.ts';
import { write } from '../streams.ts';

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
    const password = streams.stdin.isTTY === true ? await askHidden(streams, 'password') : await firstLine(streams);
    if (!isPasswordStrong(password, '')) throw new HitlineError('PASSWORD_WEAK');
    const hash = await hashPassword(password, options['fips'] === true ? fipsCost : argon2Cost);
    await write(streams.stdout, `${hash}\n`);
    return 0;
  },
};
