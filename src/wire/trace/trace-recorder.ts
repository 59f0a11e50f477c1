import type { LinkClock } from '../clock.ts';
import type { Frame } from '../framing/frame.ts';
import type { Link } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import type { LinkTap } from '../sockets/socket-link.ts';
import { scrubbedBytes } from './scrub.ts';
import { formatTraceHeader, formatTraceLine, type TraceHeader } from './trace-format.ts';

export interface TraceRecorderOptions {
  readonly profile: WireProfile;
  readonly clock: LinkClock;
  readonly by: TraceHeader['by'];
  /** True: letters and digits of every payload are masked before they are written. */
  readonly scrub: boolean;
  /** Takes text for the file; the recorder opens and closes none. */
  readonly write: (text: string) => void;
  /** After so many characters nothing more is written; 64 MiB unless set. */
  readonly charactersMax?: number;
}

const defaultCharactersMax = 67_108_864;

/**
 * Records what links read and write. Give it to a door or a dialer as its `tap`. What is masked is recorded frame by frame,
 * so that it may begin in the middle of a link; what is not, as the bytes came.
 */
export class TraceRecorder implements LinkTap {
  readonly #options: TraceRecorderOptions;
  readonly #startMs: number;
  #charactersLeft: number;

  constructor(options: TraceRecorderOptions) {
    this.#options = options;
    this.#startMs = options.clock.monoMs();
    this.#charactersLeft = options.charactersMax ?? defaultCharactersMax;
    const startedAt = new Date(options.clock.wallMs()).toISOString();
    this.#write(
      formatTraceHeader({ profile: options.profile.name, by: options.by, scrubbed: options.scrub, startedAt }),
    );
  }

  onBytes(link: Link, direction: 'in' | 'out', bytes: Buffer): void {
    if (!this.#options.scrub) this.#line(link, direction, bytes);
  }

  onFrameIn(link: Link, frame: Frame): void {
    if (this.#options.scrub) this.#line(link, 'in', scrubbedBytes(this.#options.profile, frame));
  }

  onFrameOut(link: Link, frame: Frame, bytes: Buffer): Buffer {
    if (this.#options.scrub) this.#line(link, 'out', scrubbedBytes(this.#options.profile, frame));
    return bytes;
  }

  #line(link: Link, direction: 'in' | 'out', bytes: Buffer): void {
    const atMs = this.#options.clock.monoMs() - this.#startMs;
    this.#write(formatTraceLine({ atMs, link: link.id, direction, bytes }));
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
