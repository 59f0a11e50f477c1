/** Plays one side of a trace against a door or switch and compares what comes back with what came then. */
import { BareClient, type BareClientOptions } from '../conform/bare-client.ts';
import type { Frame } from '../framing/frame.ts';
import type { WireProfile } from '../profile.ts';
import type { Trace } from './trace-format.ts';

export interface ReplayOptions extends BareClientOptions {
  readonly trace: Trace;
  /** Whose bytes are played: `in` is what a door heard, that is, the client's side of it. */
  readonly side: 'in' | 'out';
  /** The link whose lines are played; the first of the trace unless set. */
  readonly link?: string;
  /** How long a frame that came then may take now. */
  readonly answerMs: number;
}

/** One frame of then and what stood in its place now. */
export interface ReplayStep {
  readonly step: number;
  readonly what: 'sent' | 'same' | 'different' | 'missing';
  readonly expected: string;
  readonly got?: string;
}

export interface ReplayReport {
  readonly ok: boolean;
  readonly steps: readonly ReplayStep[];
}

interface Moment {
  readonly ours: boolean;
  readonly frame: Frame;
}

/** The frames of one link in the order of the trace; a trace that ends inside a frame ends with the frame before it. */
function momentsOf(options: ReplayOptions): Moment[] {
  const { trace, side, profile } = options;
  const link = options.link ?? trace.lines[0]?.link;
  const makeDeframer = () => profile.makeDeframer(profile.frameBytesMax);
  const deframers = { in: makeDeframer(), out: makeDeframer() };
  const moments: Moment[] = [];
  for (const line of trace.lines) {
    if (line.link !== link) continue;
    const deframer = deframers[line.direction];
    deframer.push(line.bytes);
    for (let item = deframer.next(); item !== undefined; item = deframer.next()) {
      if (item.type === 'fault') break;
      moments.push({ ours: line.direction === side, frame: item });
    }
  }
  return moments;
}

function nameOf(frame: Frame): string {
  return frame.type === 'data' && !frame.final ? 'data, more follows' : frame.type;
}

/** Sends each frame of ours when its turn comes, and waits for each of theirs before going on. */
export async function replayTrace(options: ReplayOptions): Promise<ReplayReport> {
  const client = await BareClient.open(options);
  const steps: ReplayStep[] = [];
  // The peer numbers its messages anew: our recorded answers must name the ids of now.
  const idsNow = new Map<number, number>();
  try {
    for (const [index, { ours, frame }] of momentsOf(options).entries()) {
      const expected = nameOf(frame);
      if (ours) {
        client.write(options.profile.encode(withIdOfNow(frame, idsNow, options.profile)));
        steps.push({ step: index + 1, what: 'sent', expected });
        continue;
      }
      const arrival = await client.next(options.answerMs);
      if (arrival.type !== 'frame') {
        steps.push({ step: index + 1, what: 'missing', expected, got: arrival.type });
        break;
      }
      if (arrival.frame.type === 'data') idsNow.set(frame.exchangeId, arrival.frame.exchangeId);
      const got = nameOf(arrival.frame);
      steps.push({ step: index + 1, what: got === expected ? 'same' : 'different', expected, got });
    }
  } finally {
    await client.close();
  }
  return { ok: steps.every(({ what }) => what === 'sent' || what === 'same'), steps };
}

function withIdOfNow(frame: Frame, idsNow: ReadonlyMap<number, number>, profile: WireProfile): Frame {
  if ((frame.type !== 'ack' && frame.type !== 'nak') || profile.rules.answers !== 'id') return frame;
  return { ...frame, exchangeId: idsNow.get(frame.exchangeId) ?? frame.exchangeId };
}
