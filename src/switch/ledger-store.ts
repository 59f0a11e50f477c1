/**
 * The ledger that the configuration names: the embedded one in the data folder, or a PostgreSQL database. Both are the same
 * to every room of the gateway.
 */
import { loadPassword } from '../host/keys.ts';
import { dataPaths } from '../host/paths.ts';
import type { Config } from './config.ts';
import type { PacketSource } from './ledger/keeping/packet.ts';
import type { PurgeSource } from './ledger/keeping/purge.ts';
import type { Space } from './ledger/keeping/space.ts';
import { withTls } from './ledger/postgres/dialing.ts';
import type { LedgerOptions } from './ledger/sqlite/sqlite-ledger.ts';

/** A ledger with what the gateway's own keepers need of it. */
export interface HouseLedger extends PurgeSource, PacketSource {
  /** The room it has, as far as that can be known here. */
  space(): Promise<Space>;
  /** Says who is to hear that the line to a database is lost, even when nothing is being asked of it. */
  onLost(hear: () => void): void;
}

/**
 * Opens it. Faults: those of the ledger that is named (LEDGER_LOCKED, LEDGER_KEY_WRONG, LEDGER_FAILED …), and
 * KEY_FILE_UNUSABLE for the file of the password.
 */
export async function openHouseLedger(
  config: Pick<Config, 'ledger' | 'dataFolder'>,
  options: LedgerOptions & { readonly onTrouble?: (reason: string) => void },
): Promise<HouseLedger> {
  const url = databaseUrl(config);
  if (url === undefined) {
    const { openLedger } = await import('./ledger/sqlite/sqlite-ledger.ts');
    return Object.assign(await openLedger(options), { onLost: () => undefined });
  }
  const { openPostgresLedger } = await import('./ledger/postgres/postgres-ledger.ts');
  const { folder: _, ...given } = options;
  const lost: { tell?: () => void } = {};
  const bytesMax = config.ledger.postgres?.bytesMax;
  const ledger = await openPostgresLedger({ ...given, url, bytesMax, onLost: () => lost.tell?.() });
  const onLost = (hear: () => void): void => {
    lost.tell = hear;
  };
  return Object.assign(ledger, { onLost });
}

/** The file of the second place: the one that is named, or beside the data folder. Gateway and commands use the same. */
export function secondPlaceFile({ ledger, dataFolder }: Pick<Config, 'ledger' | 'dataFolder'>): string {
  return ledger.secondPlaceFile ?? `${dataPaths(dataFolder).folder}.heads`;
}

/**
 * The whole address of the database with its password, or undefined for the embedded ledger. It never stands in a log line,
 * an error or a metric. Fault: KEY_FILE_UNUSABLE.
 */
export function databaseUrl(config: Pick<Config, 'ledger' | 'dataFolder'>): string | undefined {
  const { postgres } = config.ledger;
  if (postgres === undefined) return undefined;
  const url = new URL(postgres.url);
  const credentialsFolder = process.env['CREDENTIALS_DIRECTORY'];
  const password = loadPassword({ file: postgres.passwordFile, dataFolder: config.dataFolder, credentialsFolder });
  if (password !== undefined) url.password = encodeURIComponent(password);
  const { caFile, certificateFile, keyFile } = postgres;
  if (caFile !== undefined) withTls(url, { caFile, certificateFile, keyFile });
  return url.href;
}
