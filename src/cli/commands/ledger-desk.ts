/** What the ledger commands that show or change something need first: a log-on at the running gateway's console door. */
import type { Command } from 'commander';
import type { ConsoleClient } from '../../console/client.ts';
import { type FaultCode, faultTable, HitlineError, makeFault } from '../../faults/fault.ts';
import { readSecret } from '../ask-secret.ts';
import { type Call, UsageError } from '../command.ts';

/** The longest a call may take: a purge walks everything that has ended. */
const callMs = 600_000;

/** Declares the options that all of these commands have. */
export function deskOptions(command: Command): Command {
  return placeOptions(command).requiredOption('--reason <text>', 'why; it is kept with the record of what you did');
}

/** Declares the options of a log-on alone, for what needs no reason. */
export function placeOptions(command: Command): Command {
  return command
    .requiredOption('--console <file>', 'where the gateway is and which console this is (YAML, as "terminal" takes)')
    .requiredOption('--osn <osn>', 'who you are')
    .option('--password-file <file>', 'your password is its first line (mode 0600); else it is asked for');
}

/** The reason, which may be no empty word. */
export function reasonOf({ options }: Pick<Call, 'options'>): string {
  const reason = String(options['reason']).trim();
  if (reason === '' || reason.length > 200) throw new UsageError('a reason has 1 to 200 characters');
  return reason;
}

/**
 * Logs on, does the work, logs off. The door and the ledger see the person, not a tool. Faults: those of the gateway,
 * CONSOLE_DISCONNECTED, CONFIG_INVALID, FILE_UNREADABLE.
 */
export async function atDesk<T>(call: Call, work: (client: ConsoleClient) => Promise<T>): Promise<T> {
  const { options, streams } = call;
  const [{ connectConsole, ConsoleError }, { systemClock }, { readConsolePlace }] = await Promise.all([
    import('../../console/client.ts'),
    import('../../host/clock.ts'),
    import('../console-place.ts'),
  ]);
  const place = await readConsolePlace(String(options['console']));
  const from = { file: options['passwordFile'], option: '--password-file', question: 'password' };
  const password = await readSecret(streams, from);
  const client = connectConsole({ ...place, clock: systemClock, client: 'hitline ledger', callMs });
  try {
    await untilUp(client);
    await client.call('logon', { osn: String(options['osn']), password });
    try {
      return await work(client);
    } finally {
      await client.call('logoff', {}).catch(() => undefined);
    }
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    const code = codeOf(error.code);
    const faults = error.faults.map(({ code: one, text }) => ({ ...makeFault(codeOf(one)), text }));
    throw new HitlineError(code, { faults });
  } finally {
    await client.close();
  }
}

/** A gateway newer than this program may know codes that our table does not. */
function codeOf(code: string): FaultCode {
  return Object.hasOwn(faultTable, code) ? (code as FaultCode) : 'CONSOLE_REPLY_BAD';
}

/** Waits for the first connection; a gateway that is away is said to be so at once. */
function untilUp(client: ConsoleClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const hear = ({ state, reason }: ReturnType<ConsoleClient['state']>): void => {
      if (state === 'up') resolve();
      if (state === 'away') reject(new HitlineError('CONSOLE_DISCONNECTED', { detail: reason }));
    };
    client.onState(hear);
    hear(client.state());
  });
}
