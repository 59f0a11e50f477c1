import type { VerifyReport } from '../../switch/ledger/ledger.ts';
import type { CommandRow } from '../command.ts';
import { readInput, writeJson } from '../streams.ts';
import { configuredLedger } from './ledger-folder.ts';

/** `hitline ledger verify`: proves the whole ledger; the embedded one while no gateway has it open, a database at any time. */
export const ledgerVerifyCommand: CommandRow = {
  name: 'ledger verify',
  describe: 'Proves every chain, text, search token and state row, and names the first that does not hold.',
  configure(command) {
    command
      .requiredOption('--config <file>', "the gateway's configuration (YAML)")
      .option(
        '--key <file>',
        'the public key (Ed25519, PEM) to test the daily seals with; else that of ledger.sealKeyFile',
      )
      .option('--copy <folder>', 'prove instead a copy that "ledger backup" made; it stays as it is')
      .addHelpText(
        'after',
        '\nA ledger in the data folder must not be in use: stop the gateway, or make a copy beside it while it works and prove that\n' +
          'with --copy. A ledger in PostgreSQL is proved while its gateways work.',
      );
  },
  async run({ options, streams }) {
    const { createPublicKey } = await import('node:crypto');
    const { verifyDatabase } = await import('../../switch/ledger/postgres/prove-database.ts');
    const { verifyCopy } = await import('../../switch/ledger/sqlite/copy-folder.ts');
    const { verifyFolder } = await import('../../switch/ledger/sqlite/offline.ts');
    const { keys, sealKeyFile, databaseUrl } = await configuredLedger(String(options['config']));
    const file = typeof options['key'] === 'string' ? options['key'] : sealKeyFile;
    const trusted = file === undefined ? undefined : createPublicKey(await readInput(streams, file));
    const proof = { ...keys, trusted };
    const prove = (): Promise<VerifyReport> => {
      if (typeof options['copy'] === 'string') return verifyCopy(options['copy'], proof);
      return databaseUrl === undefined ? verifyFolder(proof) : verifyDatabase({ ...proof, url: databaseUrl });
    };
    const report = await prove();
    await writeJson(streams.stdout, report);
    return report.ok ? 0 : 1;
  },
};
