import type { LinkClock } from '../clock.ts';
import type { Link } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import type { LinkTap } from '../sockets/socket-link.ts';
import { Scrubber } from './scrub.ts';
import { formatTraceHeader, formatTraceLine } from './trace-format.ts';

export interface TraceRecorderOptions {
  readonly profile: WireProfile;
  readonly clock: LinkClock;
  /** False only for practice: a trace of live traffic is masked as it is written. */
  readonly scrub: boolean;
  /** Takes text for the file; the recorder opens and closes none. */
  readonly write: (text: string) => void;
  /** After so many characters nothing more is written; 64 MiB unless set. */
  readonly charactersMax?: number;
}

interface Directions {
  readonly in: Scrubber;
  readonly out: Scrubber;
}

const defaultCharactersMax = 67_108_864;

/** Records what links read and write. Give it to a door or a dialer as its `tap`. */
export class TraceRecorder implements LinkTap {
  readonly #options: TraceRecorderOptions;
  readonly #startMs: number;
  /** Scrubbers go with their links. */
  readonly #scrubbers = new WeakMap<Link, Directions>();
  #charactersLeft: number;

  constructor(options: TraceRecorderOptions) {
    this.#options = options;
    this.#startMs = options.clock.monoMs();
    this.#charactersLeft = options.charactersMax ?? defaultCharactersMax;
    const startedAt = new Date(options.clock.wallMs()).toISOString();
    this.#write(formatTraceHeader({ profile: options.profile.name, scrubbed: options.scrub, startedAt }));
  }

  onBytes(link: Link, direction: 'in' | 'out', bytes: Buffer): void {
    const atMs = this.#options.clock.monoMs() - this.#startMs;
    const chunks = this.#options.scrub ? this.#scrubberOf(link)[direction].push(bytes) : [bytes];
    for (const chunk of chunks) this.#write(formatTraceLine({ atMs, link: link.id, direction, bytes: chunk }));
  }

  #scrubberOf(link: Link): Directions {
    const known = this.#scrubbers.get(link);
    if (known !== undefined) return known;
    const { profile } = this.#options;
    const made = {
      in: new Scrubber(profile, profile.frameBytesMax),
      out: new Scrubber(profile, profile.frameBytesMax),
    };
    this.#scrubbers.set(link, made);
    return made;
  }

  #write(text: string): void {
    if (this.#charactersLeft <= 0) return;
    this.#charactersLeft -= text.length;
    this.#options.write(this.#charactersLeft > 0 ? text : '# the trace is full\n');
  }
}

/** Several taps as one. Each may change what leaves, in the given order; all see the bytes that really passed. */
export function joinTaps(...taps: readonly LinkTap[]): LinkTap {
  return {
    onBytes: (link, direction, bytes) => {
      for (const tap of taps) tap.onBytes?.(link, direction, bytes);
    },
    onFrameIn: (link, frame) => {
      for (const tap of taps) tap.onFrameIn?.(link, frame);
    },
    onFrameOut: (link, frame, bytes) =>
      taps.reduce((leaving, tap) => tap.onFrameOut?.(link, frame, leaving) ?? leaving, bytes),
  };
}
