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
        '\nWhere the ledger was when it was copied does not matter.\nA PostgreSQL database must hold nothing at all.',
      );
  },
  async run({ options, streams }) {
    const { claimDataFolder } = await import('../../host/paths.ts');
    const { restoreFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { restoreDatabase } = await import('../../switch/ledger/postgres/offline.ts');
    const { keys, practice, databaseUrl } = await configuredLedger(String(options['config']));
    claimDataFolder(keys.folder, { practice });
    const order = { ...keys, from: String(options['from']) };
    const report = await (databaseUrl === undefined
      ? restoreFolder(order)
      : restoreDatabase({ ...order, url: databaseUrl }));
    await writeJson(streams.stdout, report);
    return 0;
  },
};
