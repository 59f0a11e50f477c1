/**
 * What a station sends once more because it never saw our acknowledgement: over a new connection, to a gateway that has
 * started again, under a new exchange id. It is known by the same bytes from the same station within ten minutes, and
 * remembered from the ledger, so that a crash between filing and acknowledging makes one message and not two
 * (docs/decisions/0007).
 */
import { hash } from 'node:crypto';
import type { StationConfig } from '../config.ts';
import type { StoredEvent } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import type { Arrival } from '../records/frames.ts';
import { takeFromStation } from './station-intake.ts';

export interface Repeats {
  /** Files one arrival, after any other with the same bytes from the same station; throws when it could not be kept. */
  take(station: StationConfig, arrival: Arrival): Promise<void>;
}

/** The line's own memory reaches as far back (wire.md 14.3). */
export const repeatMs = 600_000;
/** How many messages are remembered over all stations; beyond it the oldest is forgotten first. */
const rememberedMax = 16_384;
/** How many of one station are read at the start, the newest first. */
const framesOfStationMax = 2_000;

interface Remembered {
  readonly messageId: string;
  readonly atMs: number;
}

/** Reads what came within the last ten minutes, and remembers from then on. */
export async function openRepeats(parts: Parts): Promise<Repeats> {
  const repeats = new RepeatsOfStations(parts);
  await repeats.read();
  return repeats;
}

class RepeatsOfStations implements Repeats {
  readonly #parts: Parts;
  /** By station and bytes; the oldest stands first. */
  readonly #known = new Map<string, Remembered>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Asked for by station, which the ledger has an index for: the frames of ten busy minutes can be millions. */
  async read(): Promise<void> {
    const { config, clock, ledger } = this.#parts;
    const fromMs = clock.wallMs() - repeatMs;
    const came: StoredEvent[] = [];
    for (const { id } of config.doors.station.stations) {
      const frames = await ledger.events({ stream: 'frame', actor: id, fromMs, limit: framesOfStationMax });
      came.push(...frames.filter(isNew));
    }
    for (const { actor, data, atMs } of came.toSorted((one, other) => one.atMs - other.atMs)) {
      this.#remember(`${actor} ${String(data['sha256'])}`, { messageId: String(data['messageId']), atMs });
    }
  }

  async take(station: StationConfig, arrival: Arrival): Promise<void> {
    const key = `${station.id} ${hash('sha256', arrival.payload)}`;
    const before = this.#underWay.get(key);
    const taking = (before ?? Promise.resolve()).then(() => this.#takeOne(station, key, arrival));
    const settled = taking.catch(() => undefined);
    this.#underWay.set(key, settled);
    try {
      await taking;
    } finally {
      if (this.#underWay.get(key) === settled) this.#underWay.delete(key);
    }
  }

  async #takeOne(station: StationConfig, key: string, arrival: Arrival): Promise<void> {
    const nowMs = this.#parts.clock.wallMs();
    const known = this.#known.get(key);
    const first = known !== undefined && nowMs - known.atMs < repeatMs ? known : undefined;
    const messageId = await takeFromStation(this.#parts, station, {
      ...arrival,
      ...(first === undefined ? {} : { sameAs: first.messageId }),
    });
    // The ten minutes count from the first, so that one who never ceases to repeat is heard again in time.
    if (messageId !== undefined && messageId !== first?.messageId) this.#remember(key, { messageId, atMs: nowMs });
  }

  #remember(key: string, one: Remembered): void {
    this.#known.delete(key);
    this.#known.set(key, one);
    for (const [oldest, { atMs }] of this.#known) {
      if (this.#known.size <= rememberedMax && one.atMs - atMs < repeatMs) return;
      this.#known.delete(oldest);
    }
  }
}

/** What became a message of its own; a repeat belongs to that one. */
function isNew({ data }: StoredEvent): boolean {
  return data['direction'] === 'in' && data['messageId'] !== null && data['duplicate'] === false;
}
