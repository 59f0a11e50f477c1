import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { embeddedLedger } from './ledger-folder.ts';

/** `hitline ledger rebuild`: the state table written anew from the events. */
export const ledgerRebuildCommand: CommandRow = {
  name: 'ledger rebuild',
  describe: 'Writes the state table anew from the events, which are the truth. The gateway must be down.',
  configure(command) {
    command.requiredOption('--config <file>', "the gateway's configuration (YAML)");
  },
  async run({ options, streams }) {
    const { rebuildFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { keys } = await embeddedLedger(String(options['config']), 'Restore the database from its own backup.');
    await writeJson(streams.stdout, { ok: true, stateCount: await rebuildFolder(keys) });
    return 0;
  },
};
