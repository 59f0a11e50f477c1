/** The simulated CJIS switch as a running program: links on one side, the pure step in the middle, timers and counters round it. */
import type { Clock } from '../host/clock.ts';
import type { Log } from '../host/log.ts';
import type { TextCoding } from '../wire/charsets/charset.ts';
import type { Link } from '../wire/link.ts';
import type { Quirks } from '../wire/profile.ts';
import type { LinkTap } from '../wire/sockets/socket-link.ts';
import type { TlsSettings } from '../wire/sockets/tls.ts';
import { EventBook, type EventType, type SimulatorEvent } from './events.ts';
import { type LineSettings, SwitchLine } from './line/switch-line.ts';
import { noRegisters } from './records/criminal-histories.ts';
import { type HotRecord, noRecords } from './records/hot-records.ts';
import type { LoadedFiles } from './records/load-hot-files.ts';
import type { SwitchRequest } from './requests.ts';
import { plainScript, type Script } from './script.ts';
import { type Facts, initialState, type SwitchEffect, type SwitchEvent, type SwitchState } from './state.ts';
import { Stations } from './stations.ts';
import { stepSwitch } from './step.ts';

export interface SimulatorOptions {
  /** Where to listen; loopback unless TLS is given. */
  readonly host?: string;
  /** 0 asks the machine for a free port. */
  readonly port: number;
  readonly profile?: string;
  /** Oddities of its frames, beside those of the script. */
  readonly quirks?: Quirks;
  readonly clock: Clock;
  /** What `loadHotFiles` gave; empty files unless set. */
  readonly files?: LoadedFiles;
  /** What `loadScript` gave; inquiries are answered at once and no other agency is known unless set. */
  readonly script?: Script;
  /** In place of the script's seed. */
  readonly seed?: number;
  readonly settings?: LineSettings;
  /** The text of the line; bytes are taken as Latin 1 and line ends left alone unless set. */
  readonly coding?: TextCoding;
  /** Names every mistake of the client's on the line, by its rule and byte offset, and refuses what breaks one. */
  readonly strict?: boolean;
  readonly tls?: TlsSettings;
  readonly insideVpn?: boolean;
  readonly linksMax?: number;
  readonly log?: Log;
  /** Records what really passes on the links. */
  readonly trace?: LinkTap;
  /** The last events kept for reading; 100,000 unless set. */
  readonly eventsMax?: number;
}

export interface Simulator {
  readonly address: { readonly host: string; readonly port: number };
  /** The last events, oldest first. */
  readonly events: readonly SimulatorEvent[];
  counters(): Readonly<Partial<Record<EventType, number>>> & { readonly forgotten: number };
  /** The first event that matches, past or to come. Rejects with SIMULATOR_CLOSED when the switch closes first. */
  waitFor(matches: (event: SimulatorEvent) => boolean): Promise<SimulatorEvent>;
  /** Everything on file as it stands now, for `saveHotFiles`. */
  readonly files: LoadedFiles;
  /** The record of a NIC as it stands now. */
  record(nic: string): HotRecord | undefined;
  /**
   * Sends a text to whoever stands for the ORI, exactly as given; it is kept until somebody does. Without `to` the
   * receiver is read from the text: the last ORI of an Nlets output header, or the line below an NCIC header.
   */
  inject(text: string, to?: string): void;
  /** Stops listening, closes every link and calls every timer off. */
  close(): Promise<void>;
}

/** Answers under way at one time; at the cap the client is told to try again. */
const timersMax = 20_000;
const defaultEventsMax = 100_000;
/** Crosses a client's message under its own exchange id, when a script wants that. */
const crossingText = '$.A. SYNTHETIC NOTICE';
/** The receiver of an injected text: `YQ.CO0990100`, two stamps, and the destination at the end of the second. */
const nletsReceiver = /^[A-Z0-9]{2,5}\.[A-Z0-9]{9}\s*\n[^\n]*\n\S+ \S+ \d+ ([A-Z]{2}[A-Z0-9]{7})/;
const ncicReceiver = /^[126T][LN]01[^\n]*\n([A-Z]{2}[A-Z0-9]{7})\s*\n/;

/** Starts the switch. @throws HitlineError TLS_REQUIRED, TLS_SETTINGS, PROFILE_UNKNOWN or ADDRESS_UNUSABLE. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const running = new RunningSwitch(options);
  await running.listen();
  return running;
}

class RunningSwitch implements Simulator {
  readonly #options: SimulatorOptions;
  readonly #book: EventBook;
  readonly #stations: Stations;
  readonly #line: SwitchLine;
  readonly #timers = new Set<() => void>();
  #state: SwitchState;
  #deliveries = 0;
  #clockOffsetMs = 0;
  #closed = false;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    const given = options.script ?? plainScript();
    const script = options.seed === undefined ? given : { ...given, seed: options.seed };
    this.#state = initialState(script, options.files?.records ?? noRecords, options.files?.registers ?? noRegisters);
    this.#book = new EventBook(options.eventsMax ?? defaultEventsMax, () => this.#nowMs());
    this.#stations = new Stations({
      clock: options.clock,
      book: this.#book,
      configured: script.stations,
      redelivery: script.redelivery,
      encode: (link, outgoing) => this.#line.encode(link, outgoing),
      beforeSend: (link, outgoing) => this.#line.beforeSend(link, outgoing),
      onAccepted: (outgoing) => this.#step({ type: 'accepted', facts: outgoing.facts }),
    });
    this.#line = this.#makeLine(script);
  }

  #makeLine(script: Script): SwitchLine {
    const { host, port, profile, quirks, settings, coding, trace, strict, clock, log, tls, insideVpn, linksMax } =
      this.#options;
    return new SwitchLine({
      door: {
        host: host ?? '127.0.0.1',
        port,
        ...(tls === undefined ? {} : { tls }),
        ...(insideVpn === undefined ? {} : { insideVpn }),
        ...(linksMax === undefined ? {} : { linksMax }),
      },
      profile: profile ?? 'foxtalk-1',
      quirks: quirks ?? {},
      settings: settings ?? {},
      coding,
      trace,
      strict: strict ?? false,
      script,
      clock,
      log,
      book: this.#book,
      busy: () => (this.#timers.size >= timersMax ? 'SWITCH BUSY TRY AGAIN' : undefined),
      onOpened: (link) => {
        this.#stations.opened(link);
        this.#step({ type: 'opened', linkId: link.id });
      },
      onClosed: (link) => this.#stations.closed(link),
      onRequest: (link, request) => this.#onRequest(link, request),
      onCrossing: (link, request, exchangeId) => this.#sendCrossing(link, request, exchangeId),
    });
  }

  listen(): Promise<void> {
    return this.#line.listen();
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#line.address;
  }

  get events(): readonly SimulatorEvent[] {
    return this.#book.events;
  }

  counters(): ReturnType<EventBook['counters']> {
    return this.#book.counters();
  }

  waitFor(matches: (event: SimulatorEvent) => boolean): Promise<SimulatorEvent> {
    return this.#book.waitFor(matches);
  }

  get files(): LoadedFiles {
    return { records: this.#state.records, registers: this.#state.registers };
  }

  record(nic: string): HotRecord | undefined {
    return this.#state.records.byNic.get(nic);
  }

  inject(text: string, to?: string): void {
    const receiver = to ?? nletsReceiver.exec(text)?.[1] ?? ncicReceiver.exec(text)?.[1];
    if (receiver === undefined) throw new RangeError('the text names no receiver; say to whom it goes');
    const key = /^[A-Z0-9$]{1,6}(?=\.)/.exec(text)?.[0] ?? '';
    const facts = { key, from: '', to: [receiver], nics: [] };
    this.#send({ type: 'send', about: 'injected', key, to: receiver, text, facts });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#stations.close();
    await this.#line.close();
    this.#book.close();
  }

  #nowMs(): number {
    return this.#options.clock.wallMs() + this.#clockOffsetMs;
  }

  #onRequest(link: Link, request: SwitchRequest): void {
    if (request.ori !== undefined) this.#stations.heard(link, request.ori);
    this.#step({ type: 'received', linkId: link.id, request });
  }

  #sendCrossing(link: Link, request: SwitchRequest, exchangeId: number): void {
    const to = request.ori ?? '';
    const facts: Facts = { key: '$', from: '', to: [to], nics: [] };
    this.#deliveries += 1;
    const text = ['1L01', to, '', crossingText].join('\n');
    const crossing = { deliveryId: this.#deliveries, about: 'unsolicited', key: '$', to, linkId: link.id } as const;
    this.#stations.send({ ...crossing, text, facts }, exchangeId);
  }

  #step(event: SwitchEvent): void {
    const stepped = stepSwitch(this.#state, event, this.#nowMs());
    this.#state = stepped.state;
    for (const effect of stepped.effects) this.#perform(effect);
  }

  #perform(effect: SwitchEffect): void {
    if (this.#closed) return;
    switch (effect.type) {
      case 'send':
        this.#send(effect);
        return;
      case 'later':
        this.#later(effect.afterMs, effect.event);
        return;
      case 'note':
        this.#book.add(effect);
        return;
      case 'close':
        void this.#stations.linkOf(effect.to)?.close();
        return;
      case 'clock-jump':
        this.#clockOffsetMs += effect.byMs;
        this.#book.add({ type: 'clock-jumped', byMs: effect.byMs });
        return;
    }
  }

  #send(effect: SwitchEffect & { type: 'send' }): void {
    this.#deliveries += 1;
    const { about, key, to, linkId, text, facts } = effect;
    this.#stations.send({ deliveryId: this.#deliveries, about, key, to, linkId, text, facts });
  }

  #later(afterMs: number, event: SwitchEvent): void {
    if (afterMs === 0) {
      this.#step(event);
      return;
    }
    const cancel = this.#options.clock.after(afterMs, () => {
      this.#timers.delete(cancel);
      this.#step(event);
    });
    this.#timers.add(cancel);
  }
}
