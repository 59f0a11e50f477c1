/** What every room of the gateway is handed: ports and settings, made once in gateway.ts. */
import type { Clock } from '../host/clock.ts';
import type { Ids } from '../host/ids.ts';
import type { Change, Changer } from './change.ts';
import type { Config } from './config.ts';
import type { TlsWatch } from './doors/tls-watch.ts';
import type { Language } from './language.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { LedgerRoom } from './ledger-keeper.ts';
import type { References } from './outbound/references.ts';
import type { Line } from './outbound/sender.ts';
import type { Counts } from './records/counts.ts';
import type { Frames } from './records/frames.ts';

/** Source documents of our own records: warrants, reports, orders. */
export interface SourceDocuments {
  /** The text of the document behind this NIC, or undefined when none is on file here. */
  find(nic: string): Promise<string | undefined>;
}

export interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly change: Changer;
  readonly ids: Ids;
  readonly references: References;
  readonly line: Line;
  readonly frames: Frames;
  readonly counts: Counts;
  readonly sources: SourceDocuments;
  /** How much room the disk leaves the ledger. */
  readonly room: LedgerRoom;
  /** Certificates that are renewed while the gateway runs. */
  readonly certificates: TlsWatch;
  /** The language as this agency speaks it. */
  readonly language: Language;
}

/** One change under way with the ports it may need: what every function that takes part in a change is handed first. */
export interface Work {
  readonly parts: Parts;
  readonly change: Change;
}
