/** The tap on every link of the switch: it does the scripted faults and, in strict mode, names the client's mistakes. */
import type { Clock } from '../../host/clock.ts';
import type { Frame } from '../../wire/framing/frame.ts';
import type { Link } from '../../wire/link.ts';
import type { WireProfile } from '../../wire/profile.ts';
import { type LinkTap, SocketLink } from '../../wire/sockets/socket-link.ts';
import type { LineFault, LineFaultName, Occasion } from '../script.ts';
import { lineFaults } from '../script.ts';
import { type Facts, meets } from '../state.ts';
import { type Mangled, mangleAnswer, mangleData, mangleSession } from './frame-faults.ts';
import { lengthMistake } from './length-mistake.ts';
import { type Mistake, startWatch, stepWatch, type WatchState } from './strict-watch.ts';

export interface LineTapOptions {
  readonly clock: Clock;
  readonly profile: WireProfile;
  readonly faults: readonly LineFault[];
  readonly strict: boolean;
  /** What the switch offers when a session opens. */
  readonly terms: { readonly frameBytesMax: number; readonly maxIdleMs: number; readonly window: number };
  readonly onMistake: (link: Link, mistake: Mistake) => void;
  readonly onFault: (linkId: string, fault: LineFaultName) => void;
}

/** What the tap knows of one link. */
interface Tapped {
  readonly acks: Map<number, LineFault>;
  readonly data: Map<number, LineFault>;
  silent: boolean;
  /** Frames that wait behind one whose rest has not left yet. */
  held: Buffer[] | undefined;
  watch: WatchState | undefined;
  /** The last bytes of the client's stream, and where the first of them stood. */
  raw: Buffer;
  rawBase: number;
}

const rawBytesMax = 131_072;
const nothing = Buffer.alloc(0);
const noFacts: Facts = { key: '', from: '', to: [], nics: [] };

export class LineTap implements LinkTap {
  readonly #options: LineTapOptions;
  readonly #tapped = new Map<string, Tapped>();
  #counts: { readonly matched: Readonly<Record<string, number>> } = { matched: {} };

  constructor(options: LineTapOptions) {
    this.#options = options;
  }

  /** The fault the script wants at this occasion, counted as done. `only` narrows it to some faults of the occasion. */
  choose(occasion: Occasion, facts: Facts = noFacts, only?: readonly LineFaultName[]): LineFault | undefined {
    let chosen: LineFault | undefined;
    for (const [index, rule] of this.#options.faults.entries()) {
      if (lineFaults[rule.fault] !== occasion || only?.includes(rule.fault) === false) continue;
      const met = meets(this.#counts, rule.when, { facts, place: `line.${index}` });
      this.#counts = met.state;
      const place = `line.${index}.times`;
      const times = this.#counts.matched[place] ?? 0;
      if (chosen !== undefined || !met.held || times >= rule.times) continue;
      this.#counts = { matched: { ...this.#counts.matched, [place]: times + 1 } };
      chosen = rule;
    }
    return chosen;
  }

  /** The answer to this message will be treated so. */
  planAnswer(link: Link, exchangeId: number, fault: LineFault): void {
    this.#of(link).acks.set(exchangeId, fault);
  }

  /** This message of the switch's will be treated so. */
  planData(link: Link, exchangeId: number, fault: LineFault): void {
    this.#of(link).data.set(exchangeId, fault);
  }

  /** From now on nothing leaves on this link. */
  silence(link: Link): void {
    this.#of(link).silent = true;
  }

  closed(link: Link): void {
    this.#tapped.delete(link.id);
  }

  onBytes(link: Link, direction: 'in' | 'out', bytes: Buffer): void {
    if (!this.#options.strict || direction === 'out') return;
    const tapped = this.#of(link);
    const joined = Buffer.concat([tapped.raw, bytes]);
    const cut = Math.max(0, joined.length - rawBytesMax);
    tapped.raw = joined.subarray(cut);
    tapped.rawBase += cut;
    this.#watch(link, tapped, { type: 'chunk' });
  }

  onFrameIn(link: Link, frame: Frame): void {
    if (this.#options.strict) this.#watch(link, this.#of(link), { type: 'in', frame });
  }

  onFrameOut(link: Link, frame: Frame, bytes: Buffer): Buffer {
    const tapped = this.#of(link);
    if (this.#options.strict) this.#watch(link, tapped, { type: 'out', frame });
    if (tapped.silent) return nothing;
    const mangled = this.#mangle(link, frame, bytes) ?? { bytes };
    if (tapped.held !== undefined) {
      tapped.held.push(mangled.bytes);
      return nothing;
    }
    const { rest, close } = mangled;
    if (rest !== undefined) {
      tapped.held = [rest.bytes];
      this.#options.clock.after(rest.ms, () => {
        writeRaw(link, Buffer.concat(tapped.held ?? []));
        tapped.held = undefined;
      });
    }
    // The bytes are written after this call; the link may end only behind them.
    if (close === true) process.nextTick(() => void link.close('CONNECTION_FAILED'));
    return mangled.bytes;
  }

  /** Where the message began that was begun and not completed; nothing when there is none. */
  unfinished(link: Link): Pick<Mistake, 'exchangeId' | 'offset'> | undefined {
    return this.#tapped.get(link.id)?.watch?.assembling;
  }

  /** A stop pattern was not where the length says: the bytes may tell why. `offset` is its place in the stream. */
  explainStop(link: Link, offset: number): Mistake | undefined {
    const tapped = this.#of(link);
    const rule = lengthMistake(tapped.raw, tapped.rawBase, offset);
    return rule === undefined ? undefined : { rule, offset };
  }

  #of(link: Link): Tapped {
    const known = this.#tapped.get(link.id);
    if (known !== undefined) return known;
    const fresh: Tapped = {
      acks: new Map(),
      data: new Map(),
      silent: false,
      held: undefined,
      watch: undefined,
      raw: nothing,
      rawBase: 0,
    };
    this.#tapped.set(link.id, fresh);
    return fresh;
  }

  #mangle(link: Link, frame: Frame, bytes: Buffer): Mangled | undefined {
    const tapped = this.#of(link);
    const encode = (one: Frame): Buffer => this.#options.profile.encode(one);
    if (frame.type === 'data') {
      const { fault, place } = this.#planned(tapped.data, frame);
      if (frame.final) tapped.data.delete(place);
      return fault === undefined ? undefined : mangleData(frame, bytes, { fault, encode });
    }
    if (frame.type === 'ack' || frame.type === 'nak') {
      const { fault, place } = this.#planned(tapped.acks, frame);
      tapped.acks.delete(place);
      return fault === undefined ? undefined : mangleAnswer(frame, bytes, { fault, encode });
    }
    if (frame.type !== 'connect' && frame.type !== 'heartbeat') return undefined;
    const only = frame.type === 'connect' ? (['encryption-yes', 'no-connect-answer'] as const) : undefined;
    const fault = this.choose(frame.type, noFacts, only);
    if (fault === undefined) return undefined;
    this.#options.onFault(link.id, fault.fault);
    // Where encryption was forced the session is not open: a plain message breaks the same rule as one before the connect.
    if (fault.fault === 'encryption-yes' && tapped.watch !== undefined) {
      tapped.watch = { ...tapped.watch, opened: false };
    }
    return mangleSession(frame, bytes, { fault, encode });
  }

  /** What was planned for a frame. Where frames carry no id of ours, the oldest plan is meant. */
  #planned(
    plans: Map<number, LineFault>,
    frame: Frame,
  ): { readonly fault: LineFault | undefined; readonly place: number } {
    const [oldest = frame.exchangeId] = plans.keys();
    const place = this.#options.profile.rules.answers === 'id' ? frame.exchangeId : oldest;
    return { fault: plans.get(place), place };
  }

  #watch(link: Link, tapped: Tapped, event: Parameters<typeof stepWatch>[1]): void {
    const { profile, terms, clock } = this.#options;
    const nowMs = clock.monoMs();
    tapped.watch ??= startWatch({ ...profile.rules, window: terms.window }, { ...terms, nowMs });
    const watched = stepWatch(tapped.watch, event, nowMs);
    tapped.watch = watched.state;
    for (const mistake of watched.mistakes) this.#options.onMistake(link, mistake);
  }
}

/** Writes bytes past every rule of the line. */
export function writeRaw(link: Link, bytes: Buffer): void {
  if (link instanceof SocketLink) link.writeRaw(bytes);
}
