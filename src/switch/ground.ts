/** The ground a gateway stands on: what exists before any room, opened from the settings. */
import { type Clock, systemClock } from '../host/clock.ts';
import { loadMasterKey } from '../host/keys.ts';
import { type Log, openLog } from '../host/log.ts';
import { claimDataFolder } from '../host/paths.ts';
import type { LinkTap } from '../wire/sockets/socket-link.ts';
import type { Config } from './config.ts';
import { type SteadyClock, steadyClock } from './deadlines/steady-clock.ts';
import { type Language, speak } from './language.ts';
import { openMasterKey } from './ledger/cipher.ts';
import { type HeadsNews, tellOfHeads } from './ledger/second-place/news.ts';
import { type HouseLedger, openHouseLedger, secondPlaceFile } from './ledger-store.ts';
import { sweepTraces, type TraceFolder, traceFolder } from './traces/trace-folder.ts';

/** Adapters a caller may give instead of the gateway's own. */
export interface GatewayPorts {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Records what passes on the line to the switch, of a station, or on one link. */
  readonly trace?: { readonly of: string; readonly tap: LinkTap };
}

/** The name of this gateway's chain and the letter of its references; several gateways will each have their own. */
export const gatewayLetter = 'A';

/** What exists before any room: settings, time, the ledger. */
export interface Ground {
  readonly config: Config;
  readonly clock: SteadyClock;
  readonly log: Log;
  readonly trace: GatewayPorts['trace'];
  readonly traces: TraceFolder;
  readonly ledger: HouseLedger;
  readonly redisFolder: string;
  readonly language: Language;
  /** Whoever is to hear of a step of the wall; there is nobody to hear of one before the gateway stands. */
  onStep(hear: (stepMs: number) => void): void;
  /** Whoever is to hear of the second place of the ledger; what was said before there was anybody is told then. */
  onHeads(hear: (news: HeadsNews) => void): void;
}

/** Opens it. Faults of the start are thrown as HitlineErrors; nothing stays open then. */
export async function openGround(config: Config, ports: GatewayPorts): Promise<Ground> {
  const stepped: { tell?: (stepMs: number) => void } = {};
  const clock = steadyClock(ports.clock ?? systemClock, (stepMs) => stepped.tell?.(stepMs));
  const log =
    ports.log ??
    openLog({
      level: config.log.level,
      to: config.log.file === undefined ? 'stderr' : { file: config.log.file },
      clock,
    });
  const onStep = (hear: (stepMs: number) => void): void => {
    stepped.tell = (stepMs) => {
      log.warn({ code: 'CLOCK_STEPPED', ms: stepMs });
      hear(stepMs);
    };
  };
  const paths = claimDataFolder(config.dataFolder, { practice: config.practice });
  // Before anything else, whatever becomes of this start: what is older than a day is no more.
  sweepTraces(paths.folder, clock.wallMs());
  const masterKey = loadMasterKey({
    file: config.keys.file,
    practice: config.practice,
    dataFolder: config.dataFolder,
    create: true,
    credentialsFolder: process.env['CREDENTIALS_DIRECTORY'],
  });
  const onTrouble = (reason: string): void => log.error({ code: 'LEDGER_FAILED', reason });
  const heads = tellOfHeads(log);
  const ledger = await openHouseLedger(config, {
    folder: paths.folder,
    writer: gatewayLetter,
    masterKey,
    clock,
    headsFile: secondPlaceFile(config),
    ...heads.options,
    onTrouble,
  });
  return {
    config,
    clock,
    log,
    trace: ports.trace,
    traces: traceFolder(paths.folder, {
      kind: config.practice ? 'practice' : 'live',
      master: openMasterKey(masterKey),
    }),
    ledger,
    redisFolder: paths.redisFolder,
    language: speak(config.stateProfile, clock, config.agency.timeZone),
    onStep,
    onHeads: heads.onNews,
  };
}
