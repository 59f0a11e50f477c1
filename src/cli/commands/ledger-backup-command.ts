import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger backup`: a proved copy, made while the gateway runs. */
export const ledgerBackupCommand: CommandRow = {
  name: 'ledger backup',
  describe: 'Copies the ledger into a new folder, while its gateway runs or not, and proves the copy.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .requiredOption('--to <folder>', 'a folder that is not there yet')
      .addHelpText(
        'after',
        '\nA copy of a ledger in PostgreSQL has the same form as one of a data folder.\nIt is as secret as the ledger: keep the key file apart from it.',
      );
  },
  async run({ options, streams }) {
    const { systemClock } = await import('../../host/clock.ts');
    const { keys, databaseUrl } = await configuredLedger(String(options['config']));
    const order = { ...keys, to: String(options['to']), nowMs: systemClock.wallMs() };
    const { backupFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { backupDatabase } = await import('../../switch/ledger/postgres/offline.ts');
    const report = await (databaseUrl === undefined
      ? backupFolder(order)
      : backupDatabase({ ...order, url: databaseUrl }));
    await writeJson(streams.stdout, report);
    return 0;
  },
};
