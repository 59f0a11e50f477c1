import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { embeddedLedger } from './ledger-folder.ts';

/** `hitline ledger backup`: a proved copy, made while the gateway runs. */
export const ledgerBackupCommand: CommandRow = {
  name: 'ledger backup',
  describe: 'Copies the ledger into a new folder, while its gateway runs or not, and proves the copy.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .requiredOption('--to <folder>', 'a folder that is not there yet')
      .addHelpText('after', '\nThe copy is as secret as the ledger: keep the key file apart from it.');
  },
  async run({ options, streams }) {
    const { systemClock } = await import('../../host/clock.ts');
    const { backupFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { keys } = await embeddedLedger(
      String(options['config']),
      'Copy and restore a database with its own programs, such as pg_basebackup.',
    );
    const report = await backupFolder({ ...keys, to: String(options['to']), nowMs: systemClock.wallMs() });
    await writeJson(streams.stdout, report);
    return 0;
  },
};
