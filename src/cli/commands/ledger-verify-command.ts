import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger verify`: proves the whole ledger while no gateway has it open. */
export const ledgerVerifyCommand: CommandRow = {
  name: 'ledger verify',
  describe: 'Proves every chain, text, search token and state row, and names the first that does not hold.',
  configure(command) {
    command.requiredOption('--config <file>', "the gateway's configuration (YAML)");
  },
  async run({ options, streams }) {
    const { verifyFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { keys } = await configuredLedger(String(options['config']));
    const report = await verifyFolder(keys);
    await writeJson(streams.stdout, report);
    return report.ok ? 0 : 1;
  },
};
