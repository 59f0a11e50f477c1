/**
 * Traces of a running gateway. Each act is on file before it is done; what is recorded is sealed as it is written; the end of
 * a trace's day destroys its key and file first and is filed then, so that no failing ledger can keep it.
 */
import { HitlineError } from '../../faults/fault.ts';
import type { Link } from '../../wire/link.ts';
import { TraceRecorder } from '../../wire/trace/trace-recorder.ts';
import { raise } from '../alarms/alarm.ts';
import { type SteadyClock, steadyClock } from '../deadlines/steady-clock.ts';
import { lineProfile } from '../doors/line-profile.ts';
import type { Parts } from '../parts.ts';
import { LineWatch } from './line-watch.ts';
import { openSealedFile, type SealedFile } from './sealed-file.ts';
import {
  goneAtMs,
  type TraceEnd,
  type TraceEvent,
  type TraceState,
  traceDueAtMs,
  traceKey,
  traceMachine,
} from './trace.ts';
import {
  destroyTrace,
  makeTraceKey,
  openTraceKey,
  sealedPath,
  type TraceFolder,
  type TraceKey,
  tracesIn,
} from './trace-folder.ts';

/** Traces that are kept or asked for at one time. */
const tracesMax = 8;
/** No timer of the house is longer. */
const lookMsMax = 3_600_000;
/** What is due and could not be filed is tried again after this. */
const tryAgainMs = 1_000;
/** An event on file that is this much younger than now means that the clock went back. */
const backMs = 2_000;

export interface TracePorts {
  readonly folder: TraceFolder;
  /** The links that are open now. */
  openLinks(): readonly Link[];
  /** The id of the station whose link it is. */
  stationOf(link: Link): string | undefined;
  onFault(error: unknown): void;
}

export interface TraceWish {
  readonly of: string;
  readonly raw: boolean;
  readonly durationMs: number;
}

/** A person's act with its reason. */
export interface TraceAct {
  readonly osn: string;
  readonly reason: string;
  readonly overShoulderOf?: string;
}

interface Running {
  readonly file: SealedFile;
  readonly unwatch: () => void;
}

export class TraceDesk {
  /** The tap to give to every door and line. */
  readonly tap: LineWatch;
  readonly #parts: Parts;
  readonly #ports: TracePorts;
  readonly #clock: SteadyClock;
  /** Every trace that is asked for or there. */
  readonly #known = new Map<string, TraceState>();
  readonly #running = new Map<string, Running>();
  #callOff = (): void => undefined;
  #isClosed = false;

  constructor(parts: Parts, ports: TracePorts) {
    this.#parts = parts;
    this.#ports = ports;
    this.#clock = steadyClock(parts.clock);
    this.tap = new LineWatch((link) => (link.id.startsWith('upstream-') ? 'upstream' : ports.stationOf(link)));
  }

  /** Puts away what a dead process left: nothing runs on, and what is too old, or of an age nobody knows, is destroyed. */
  async start(): Promise<void> {
    const { ledger } = this.#parts;
    const query = { stream: 'system', key: traceKey, status: ['ASKED', 'RUNNING', 'ENDED'], limit: 5_000 } as const;
    for (const row of await ledger.states(query)) this.#known.set(row.id, row.body as TraceState);
    const wentBack = (await ledger.events({ fromMs: this.#clock.wallMs() + backMs, limit: 1 })).length > 0;
    const { folder } = this.#ports;
    for (const id of tracesIn(folder)) if (wentBack || !this.#known.has(id)) destroyTrace(folder, id);
    for (const [id, { status }] of this.#known) {
      if (status === 'RUNNING') await this.#apply(id, { type: 'TRACE_ENDED', end: 'restart', bytes: 0 });
      if (status === 'ASKED' || openTraceKey(folder, id) !== undefined) continue;
      destroyTrace(folder, id);
      await this.#apply(id, { type: 'TRACE_GONE', cause: 'start' });
    }
    await this.#round();
  }

  /** Every trace that is asked for or there, the oldest first. */
  list(): readonly (TraceState & { readonly id: string; readonly bytes: number })[] {
    return [...this.#known].map(([id, state]) => ({ ...state, id, bytes: this.#running.get(id)?.file.bytes ?? 0 }));
  }

  /** One sentence for each raw trace that runs. */
  rawNotices(): readonly string[] {
    return this.list()
      .filter(({ raw, status }) => raw && status === 'RUNNING')
      .map(({ of, askedBy, approvedBy, startedAtMs, durationMs }) => {
        const until = new Date((startedAtMs ?? 0) + durationMs).toISOString().slice(11, 16);
        return `RAW TRACE of ${of} until ${until} UTC - asked for by ${askedBy}, approved by ${approvedBy}`;
      });
  }

  /** Asks for a trace; a masked one starts in the same act. Faults: NOT_FOUND, TRACES_FULL, LEDGER_FULL, TRACE_FILE. */
  async ask(wish: TraceWish, act: TraceAct): Promise<{ readonly id: string; readonly state: TraceState }> {
    const line = this.#lineOf(wish.of);
    if (line === undefined) throw new HitlineError('NOT_FOUND');
    if (this.#known.size >= tracesMax) throw new HitlineError('TRACES_FULL');
    if (this.#parts.room.verdict === 'reserve') throw new HitlineError('LEDGER_FULL');
    const id = this.#parts.ids.next('trace');
    const state = await this.#apply(id, { type: 'TRACE_ASKED', ...wish, line }, act);
    return { id, state: wish.raw ? state : await this.#begin(id, act) };
  }

  /** The second person's word: the trace begins. Faults: NOT_FOUND, SAME_PERSON, ALREADY_DONE, TRACE_FILE. */
  async approve(id: string, act: TraceAct): Promise<TraceState> {
    const state = this.#known.get(id);
    if (state === undefined) throw new HitlineError('NOT_FOUND');
    if (state.status === 'ASKED' && this.#lineOf(state.of) === undefined) throw new HitlineError('NOT_FOUND');
    return this.#begin(id, act);
  }

  /** Records no more; what was recorded can be read until its day is over. Faults: NOT_FOUND, ALREADY_DONE. */
  async stop(id: string, act: TraceAct): Promise<TraceState> {
    if (!this.#known.has(id)) throw new HitlineError('NOT_FOUND');
    if (!this.#running.has(id)) throw new HitlineError('ALREADY_DONE');
    return this.#end(id, 'stopped', act);
  }

  /** Files that somebody reads it, and gives its key and its file. Faults: NOT_FOUND, TRACE_UNREADABLE. */
  async open(id: string, act: TraceAct): Promise<{ readonly key: TraceKey; readonly file: string }> {
    const state = this.#known.get(id);
    if (state?.startedAtMs == null) throw new HitlineError('NOT_FOUND');
    const key = openTraceKey(this.#ports.folder, id);
    if (key === undefined) throw new HitlineError('TRACE_UNREADABLE');
    await this.#apply(id, { type: 'TRACE_READ' }, act);
    return { key, file: sealedPath(this.#ports.folder, id) };
  }

  /** True while the trace is there; what is gone is read no further, not even by who began before. */
  isThere(id: string): boolean {
    return this.#known.get(id)?.startedAtMs != null;
  }

  get folder(): TraceFolder {
    return this.#ports.folder;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    for (const id of [...this.#running.keys()]) await this.#end(id, 'closing').catch(this.#ports.onFault);
  }

  #lineOf(of: string): TraceState['line'] | undefined {
    if (of === 'upstream') return 'upstream';
    if (this.#parts.config.doors.station.stations.some(({ id }) => id === of)) return 'station';
    const link = this.#ports.openLinks().find(({ id }) => id === of);
    return link === undefined ? undefined : link.id.startsWith('upstream-') ? 'upstream' : 'station';
  }

  async #apply(id: string, event: TraceEvent, act?: TraceAct): Promise<TraceState> {
    const texts = act === undefined ? {} : { texts: { reason: Buffer.from(act.reason, 'utf8') } };
    const state = await this.#parts.change(async (change) => {
      const stepped = await change.apply(traceMachine, id, { event, actor: act?.osn ?? 'system', ...texts });
      const isRawStart = event.type === 'TRACE_STARTED' && stepped.raw;
      if (isRawStart) await raise(change, 'RAW_TRACE', { alarmId: this.#parts.ids.next('a') });
      return stepped;
    });
    if (state.status === 'LAPSED' || state.status === 'GONE') this.#known.delete(id);
    else this.#known.set(id, state);
    this.#plan();
    return state;
  }

  async #begin(id: string, act: TraceAct): Promise<TraceState> {
    const state = await this.#apply(id, { type: 'TRACE_STARTED', overShoulderOf: act.overShoulderOf ?? null }, act);
    const { folder, onFault } = this.#ports;
    const { config } = this.#parts;
    try {
      const key = makeTraceKey(folder, id, state.startedAtMs ?? 0);
      const onEnd = (why: TraceEnd): void => void this.#end(id, why).catch(onFault);
      const file = await openSealedFile({ folder, key, onEnd });
      const recorder = new TraceRecorder({
        profile: lineProfile(state.line === 'upstream' ? config.upstream : config.doors.station),
        clock: this.#clock,
        by: 'gateway',
        scrub: !state.raw,
        write: file.write,
        // The file has a cap of its own, which ends the trace.
        charactersMax: Number.MAX_SAFE_INTEGER,
      });
      this.#running.set(id, { file, unwatch: this.tap.add(state.of, recorder) });
    } catch (error) {
      destroyTrace(folder, id);
      await this.#apply(id, { type: 'TRACE_GONE', cause: 'lost' });
      throw error;
    }
    return state;
  }

  async #end(id: string, end: TraceEnd, act?: TraceAct): Promise<TraceState> {
    const running = this.#running.get(id);
    running?.unwatch();
    this.#running.delete(id);
    await running?.file.close();
    return this.#apply(id, { type: 'TRACE_ENDED', end, bytes: running?.file.bytes ?? 0 }, act);
  }

  /** Does what is due, and sets the timer for what is due next. */
  async #round(): Promise<void> {
    for (const [id, state] of [...this.#known]) await this.#look(id, state).catch(this.#ports.onFault);
    this.#plan();
  }

  async #look(id: string, state: TraceState): Promise<void> {
    const nowMs = this.#clock.wallMs();
    const goneMs = goneAtMs(state);
    if (goneMs !== undefined && nowMs >= goneMs) {
      const running = this.#running.get(id);
      running?.unwatch();
      this.#running.delete(id);
      // Not even a disk that hangs on the last record keeps the key.
      destroyTrace(this.#ports.folder, id);
      await running?.file.close();
      await this.#apply(id, { type: 'TRACE_GONE', cause: 'time' });
      return;
    }
    const dueMs = traceDueAtMs(state);
    if (dueMs === undefined || nowMs < dueMs) return;
    if (state.status === 'ASKED') await this.#apply(id, { type: 'TRACE_LAPSED' });
    else await this.#end(id, 'time');
  }

  #plan(): void {
    this.#callOff();
    if (this.#isClosed || this.#known.size === 0) return;
    const dues = [...this.#known.values()].flatMap((state) => traceDueAtMs(state) ?? []);
    const waitMs = Math.min(...dues) - this.#clock.wallMs();
    const delayMs = waitMs <= 0 ? tryAgainMs : Math.min(lookMsMax, waitMs);
    this.#callOff = this.#clock.after(delayMs, () => void this.#round());
  }
}
