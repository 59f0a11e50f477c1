import { existsSync } from 'node:fs';
import type { CommandRow } from '../command.ts';
import { write, writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger rotate`: a new master key for everything, without touching a text or the chain. */
export const ledgerRotateCommand: CommandRow = {
  name: 'ledger rotate',
  describe: 'Puts the ledger under a new master key; texts and chain stay as they are. Every gateway must be down.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .requiredOption('--new-key <file>', 'the new key file; made when it is not there')
      .addHelpText(
        'after',
        '\nIt is done whole or not at all; after an error "ledger verify" tells which of the keys holds.',
      );
  },
  async run({ options, streams }) {
    const { createMasterKey, loadMasterKey } = await import('../../host/keys.ts');
    const { rotateFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { rotateDatabase } = await import('../../switch/ledger/postgres/offline.ts');
    const { keys, practice, databaseUrl } = await configuredLedger(String(options['config']));
    const file = String(options['newKey']);
    if (!existsSync(file)) createMasterKey(file, practice);
    const newKey = loadMasterKey({ file, practice, dataFolder: keys.folder, create: false });
    const dataKeyCount = await (databaseUrl === undefined
      ? rotateFolder({ ...keys, newKey })
      : rotateDatabase({ ...keys, url: databaseUrl, newKey }));
    await writeJson(streams.stdout, { ok: true, dataKeyCount });
    await write(
      streams.stderr,
      'Set keys.file to the new key before the next start; keep the old one for old backups.\n',
    );
    return 0;
  },
};
