import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { embeddedLedger } from './ledger-folder.ts';

/** `hitline ledger restore`: a copy put into a data folder that has no ledger. */
export const ledgerRestoreCommand: CommandRow = {
  name: 'ledger restore',
  describe: 'Puts a copy into the data folder, which must have no ledger, after proving it.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .requiredOption('--from <folder>', 'the folder that "ledger backup" made');
  },
  async run({ options, streams }) {
    const { claimDataFolder } = await import('../../host/paths.ts');
    const { restoreFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { keys, practice } = await embeddedLedger(
      String(options['config']),
      'Copy and restore a database with its own programs, such as pg_basebackup.',
    );
    claimDataFolder(keys.folder, { practice });
    await writeJson(streams.stdout, await restoreFolder({ ...keys, from: String(options['from']) }));
    return 0;
  },
};
