import { hostname, userInfo } from 'node:os';
import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger restore`: a copy put where the configuration says the ledger is, which must have none. */
export const ledgerRestoreCommand: CommandRow = {
  name: 'ledger restore',
  describe: 'Puts a copy into the data folder or the database, which must have no ledger, after proving it.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .requiredOption('--from <folder>', 'the folder that "ledger backup" made')
      .addHelpText(
        'after',
        `
Where the ledger was when it was copied does not matter.
A PostgreSQL database must hold nothing at all.
The second place keeps a line of it: every "ledger verify" from then on names the
restore, who did it and how many rows that were known are no longer there.`,
      );
  },
  async run({ options, streams }) {
    const { systemClock } = await import('../../host/clock.ts');
    const { claimDataFolder } = await import('../../host/paths.ts');
    const { restoreFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { restoreDatabase } = await import('../../switch/ledger/postgres/offline.ts');
    const { keys, practice, databaseUrl } = await configuredLedger(String(options['config']));
    claimDataFolder(keys.folder, { practice });
    const mark = { by: ownAccount(), atMs: systemClock.wallMs() };
    const order = { ...keys, from: String(options['from']), mark };
    const report = await (databaseUrl === undefined
      ? restoreFolder(order)
      : restoreDatabase({ ...order, url: databaseUrl }));
    await writeJson(streams.stdout, report);
    return 0;
  },
};

/** Who does it, as far as a command without a log-on knows: the account and the machine. */
function ownAccount(): string {
  let account: string;
  try {
    account = userInfo().username;
  } catch {
    // In a container the account may have no name.
    account = `uid ${process.getuid?.() ?? 'unknown'}`;
  }
  return `${account}@${hostname()}`;
}
