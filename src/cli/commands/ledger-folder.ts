/** What every ledger command needs first: where the ledger is, and the key, from the gateway's own configuration. */
import { HitlineError } from '../../faults/fault.ts';
import type { FolderKeys } from '../../switch/ledger/sqlite/offline.ts';
import { configFault } from '../config-faults.ts';

/** A ledger that a configuration names, its key, and whether it belongs to practice. */
export interface ConfiguredLedger {
  readonly keys: FolderKeys & { readonly headsFile: string };
  readonly practice: boolean;
  /** The database it is in, with its password; undefined for a ledger in the data folder. */
  readonly databaseUrl: string | undefined;
  /** The key that daily seals are signed with, when there is one. */
  readonly sealKeyFile: string | undefined;
}

/** Reads the configuration and the key. Faults: CONFIG_INVALID with every mistake, KEY_FILE_UNUSABLE. */
export async function configuredLedger(file: string): Promise<ConfiguredLedger> {
  const { readConfig } = await import('../../switch/config.ts');
  const { loadMasterKey } = await import('../../host/keys.ts');
  const { dataPaths } = await import('../../host/paths.ts');
  const { databaseUrl, secondPlaceFile } = await import('../../switch/ledger-store.ts');
  const read = readConfig(file);
  if (!read.ok) throw new HitlineError('CONFIG_INVALID', { faults: read.faults.map(configFault) });
  const { config } = read;
  const { folder } = dataPaths(config.dataFolder);
  const masterKey = loadMasterKey({
    file: config.keys.file,
    practice: config.practice,
    dataFolder: config.dataFolder,
    create: false,
    credentialsFolder: process.env['CREDENTIALS_DIRECTORY'],
  });
  return {
    keys: { folder, masterKey, headsFile: secondPlaceFile(config) },
    practice: config.practice,
    databaseUrl: databaseUrl(config),
    sealKeyFile: config.ledger.sealKeyFile,
  };
}
