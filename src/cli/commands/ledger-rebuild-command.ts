import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger rebuild`: the state table written anew from the events. */
export const ledgerRebuildCommand: CommandRow = {
  name: 'ledger rebuild',
  describe: 'Writes the state table anew from the events, which are the truth. Every gateway must be down.',
  configure(command) {
    command.requiredOption('--config <file>', "the gateway's configuration (YAML)");
  },
  async run({ options, streams }) {
    const { rebuildFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { rebuildDatabase } = await import('../../switch/ledger/postgres/offline.ts');
    const { keys, databaseUrl } = await configuredLedger(String(options['config']));
    const stateCount = await (databaseUrl === undefined
      ? rebuildFolder(keys)
      : rebuildDatabase({ ...keys, url: databaseUrl }));
    await writeJson(streams.stdout, { ok: true, stateCount });
    return 0;
  },
};
