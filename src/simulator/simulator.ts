/** The simulated CJIS switch as a running program: links on one side, the pure step in the middle, timers and counters round it. */
import type { Clock } from '../host/clock.ts';
import type { Log } from '../host/log.ts';
import type { Incoming, Link } from '../wire/link.ts';
import { wireProfile } from '../wire/profiles.ts';
import { type LinkDoor, listenLinks } from '../wire/sockets/listen.ts';
import type { TlsSettings } from '../wire/sockets/tls.ts';
import { EventBook, type EventType, type SimulatorEvent } from './events.ts';
import { noRegisters } from './records/criminal-histories.ts';
import { type HotRecord, noRecords } from './records/hot-records.ts';
import type { LoadedFiles } from './records/load-hot-files.ts';
import { readRequest } from './requests.ts';
import { plainScript, type Script } from './script.ts';
import { initialState, type SwitchEffect, type SwitchEvent, type SwitchState } from './state.ts';
import { Stations } from './stations.ts';
import { stepSwitch } from './step.ts';

type LinkSettings = NonNullable<Parameters<typeof listenLinks>[0]['settings']>;

export interface SimulatorOptions {
  /** Where to listen; loopback unless TLS is given. */
  readonly host?: string;
  /** 0 asks the machine for a free port. */
  readonly port: number;
  readonly profile?: string;
  readonly clock: Clock;
  /** What `loadHotFiles` gave; empty files unless set. */
  readonly files?: LoadedFiles;
  /** What `loadScript` gave; inquiries are answered at once and no other agency is known unless set. */
  readonly script?: Script;
  /** In place of the script's seed. */
  readonly seed?: number;
  readonly settings?: LinkSettings;
  readonly tls?: TlsSettings;
  readonly insideVpn?: boolean;
  readonly linksMax?: number;
  readonly log?: Log;
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
/** The receiver of an injected text: `YQ.CO0990100`, two stamps, and the destination at the end of the second. */
const nletsReceiver = /^[A-Z0-9]{2,5}\.[A-Z0-9]{9}\s*\n[^\n]*\n\S+ \S+ \d+ ([A-Z]{2}[A-Z0-9]{7})/;
const ncicReceiver = /^[126T][LN]01[^\n]*\n([A-Z]{2}[A-Z0-9]{7})\s*\n/;

/** Starts the switch. @throws HitlineError TLS_REQUIRED, TLS_SETTINGS, PROFILE_UNKNOWN or CONNECTION_FAILED. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const running = new RunningSwitch(options);
  await running.listen();
  return running;
}

class RunningSwitch implements Simulator {
  readonly #options: SimulatorOptions;
  readonly #book: EventBook;
  readonly #stations: Stations;
  readonly #timers = new Set<() => void>();
  #state: SwitchState;
  #door: LinkDoor | undefined;
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
      onAccepted: (outgoing) => this.#step({ type: 'accepted', facts: outgoing.facts }),
    });
  }

  async listen(): Promise<void> {
    const { host, port, profile, clock, settings, tls, insideVpn, linksMax } = this.#options;
    this.#door = await listenLinks({
      host: host ?? '127.0.0.1',
      port,
      profile: wireProfile(profile ?? 'foxtalk-1'),
      clock,
      name: 'switch',
      ...(settings === undefined ? {} : { settings }),
      ...(tls === undefined ? {} : { tls }),
      ...(insideVpn === undefined ? {} : { insideVpn }),
      ...(linksMax === undefined ? {} : { linksMax }),
      events: {
        onOpen: (link) => this.#onOpen(link),
        onMessage: (link, incoming) => this.#onMessage(link, incoming),
        onClosed: (link, reason) => {
          this.#book.add({ type: 'closed', linkId: link.id, reason });
          this.#options.log?.info({ code: 'LINK_CLOSED', reason, link: link.id });
          this.#stations.closed(link);
        },
        onNotice: (link, { code, ...where }) =>
          this.#book.add({ type: 'mistake', linkId: link.id, rule: code, ...where }),
      },
    });
  }

  get address(): { readonly host: string; readonly port: number } {
    if (this.#door === undefined) throw new Error('the switch is not listening yet');
    return this.#door.address;
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
    await this.#door?.close();
    this.#book.close();
  }

  #nowMs(): number {
    return this.#options.clock.wallMs() + this.#clockOffsetMs;
  }

  #onOpen(link: Link): void {
    this.#book.add({ type: 'opened', linkId: link.id, address: link.peer.address });
    this.#options.log?.info({ code: 'LINK_OPEN', link: link.id });
    this.#stations.opened(link);
    this.#step({ type: 'opened', linkId: link.id });
  }

  #onMessage(link: Link, incoming: Incoming): void {
    const { exchangeId, duplicate } = incoming;
    const text = incoming.payload.toString('latin1');
    const refused = this.#timers.size >= timersMax ? 'SWITCH BUSY TRY AGAIN' : undefined;
    const received = { type: 'received', linkId: link.id, exchangeId, duplicate, text } as const;
    this.#book.add(refused === undefined ? received : { ...received, refused });
    if (refused !== undefined) {
      incoming.refuse(refused);
      return;
    }
    incoming.acknowledge();
    this.#options.log?.debug({ code: 'RECEIVED', link: link.id, exchangeId, bytes: incoming.payload.length });
    if (duplicate) return;
    const request = readRequest(text);
    if (request.ori !== undefined) this.#stations.heard(link, request.ori);
    this.#step({ type: 'received', linkId: link.id, text });
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
