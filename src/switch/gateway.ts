/** The gateway: the only place where ports meet adapters, and rooms meet each other. */
import { HitlineError } from '../faults/fault.ts';
import { makeIds } from '../host/ids.ts';
import { placeOf } from '../host/log.ts';
import type { LinkDoor } from '../wire/sockets/listen.ts';
import { type HouseAlarms, makeHouseAlarms } from './alarms/house-alarms.ts';
import { type Effect, makeChanger } from './change.ts';
import type { Config } from './config.ts';
import { deadlineSource, fireDeadline } from './deadlines/deadline-work.ts';
import { codeOf } from './deadlines/ringer.ts';
import type { Bell } from './deadlines/scheduler.ts';
import { type WatchDue, watchDue } from './deadlines/watch-due.ts';
import { makeStationDelivery, type StationDelivery } from './delivery/station-delivery.ts';
import { type ConsoleDoor, openConsoleDoor } from './doors/console-door.ts';
import { makeHandlers } from './doors/console-handlers.ts';
import { isKnownPeer, openStationDoor, stationOf } from './doors/station-door.ts';
import { makeTlsWatch, watchedTls } from './doors/tls-watch.ts';
import { openUpstream, type Upstream } from './doors/upstream.ts';
import { performEffects } from './effects.ts';
import { type GatewayPorts, type Ground, gatewayLetter, openGround } from './ground.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type LedgerKeeper, makeLedgerKeeper, sealKeyOf } from './ledger-keeper.ts';
import { leaseReferences } from './outbound/references.ts';
import { makeSender, queuedSource, type Sender } from './outbound/sender.ts';
import type { Parts } from './parts.ts';
import { openPeople, type People } from './people/people.ts';
import { makeCounts } from './records/counts.ts';
import { makeFrames } from './records/frames.ts';
import { findSource } from './records/source-documents.ts';
import { makeTurnedAway, type TurnedAway } from './records/turned-away.ts';
import { type Bells, openBells } from './redis/open-bells.ts';
import { makeScreens, type Screens } from './screens.ts';
import { TraceDesk } from './traces/trace-desk.ts';
import { type WatchedLedger, watchLedger } from './watched-ledger.ts';

export type { GatewayPorts } from './ground.ts';

export interface Gateway {
  readonly stationAddress: { readonly host: string; readonly port: number };
  readonly consoleAddress: { readonly host: string; readonly port: number };
  /** One sentence: which scheduler, over which Redis. */
  readonly schedulerText: string;
  readonly ledger: Ledger;
  readonly people: People;
  /** Drains, files what it can, and closes everything it opened. */
  close(): Promise<void>;
}

/** Starts a gateway. Faults of the start are thrown as HitlineErrors; nothing stays open then. */
export async function startGateway(config: Config, ports: GatewayPorts = {}): Promise<Gateway> {
  const ground = await openGround(config, ports);
  let gateway: RunningGateway | undefined;
  try {
    gateway = new RunningGateway(ground);
    await gateway.open();
    return gateway;
  } catch (error) {
    await (gateway === undefined ? ground.ledger.close() : gateway.close());
    throw error;
  }
}

/** How long an orderly stop waits for the switch to acknowledge what has left: well below what a service manager allows. */
const drainMsMax = 5_000;

class RunningGateway implements Gateway {
  readonly #ground: Ground;
  readonly #parts: Parts;
  readonly #keeper: LedgerKeeper;
  readonly people: People;
  readonly #bells: Bells;
  readonly #sender: Sender;
  readonly #delivery: StationDelivery;
  readonly #alarms: HouseAlarms;
  readonly #screens: Screens;
  readonly #watched: WatchedLedger;
  readonly #traces: TraceDesk;
  readonly #turnedAway: TurnedAway;
  #watch: WatchDue | undefined;
  #sendWatch: WatchDue | undefined;
  #upstream: Upstream | undefined;
  #stations: LinkDoor | undefined;
  #consoles: ConsoleDoor | undefined;
  #isClosing = false;
  #closing: Promise<void> | undefined;

  constructor(ground: Ground) {
    const { config, clock, log } = ground;
    this.#ground = ground;
    this.#watched = watchLedger(ground.ledger, { clock, failed: () => this.#ledgerFailed() });
    ground.ledger.onLost(() => this.#ledgerFailed());
    const { ledger } = this.#watched;
    const ids = makeIds(clock);
    const counts = makeCounts(ledger);
    const change = makeChanger({
      ledger,
      clock,
      perform: (effects, moved) => {
        counts.moved(moved);
        this.#perform(effects);
      },
    });
    this.#keeper = makeLedgerKeeper({
      ledger: ground.ledger,
      signingKey: sealKeyOf(config),
      clock,
      ids,
      change,
      onChange: () => this.#screens.tellStatus(),
      onFault: (error) => this.#fault(error),
    });
    this.#parts = {
      config,
      clock,
      ledger,
      change,
      ids,
      references: leaseReferences(change, gatewayLetter),
      line: { place: () => this.#sender.place(), settled: (id) => this.#sender.settled(id) },
      frames: makeFrames(change, ids),
      counts,
      language: ground.language,
      room: this.#keeper,
      certificates: makeTlsWatch({ clock, log, onChange: () => this.#screens.tellStatus() }),
      sources: { find: (nic) => findSource(config.sourcesFolder, nic) },
    };
    this.#screens = makeScreens({
      parts: this.#parts,
      log,
      people: () => this.people,
      upstream: () => this.#upstream,
      scheduler: () => this.#bells.health(),
      alarms: () => this.#alarms,
      areClocksLate: () => this.#watch?.trouble() !== undefined,
      steppedMs: () => clock.steppedMs(),
      rawTraces: () => this.#traces.rawNotices(),
    });
    this.#alarms = makeHouseAlarms(this.#parts, {
      show: (alarm) => this.#screens.show(alarm),
      background: (work) => this.#background(work),
    });
    this.#traces = this.#makeTraces();
    this.#turnedAway = makeTurnedAway(this.#parts, (error) => this.#fault(error));
    ground.onStep((stepMs) => this.#alarms.clockStepped(stepMs));
    ground.onHeads((news) => this.#alarms.headsAre(news));
    this.people = openPeople({ config, ledger, change, ids, log });
    this.#bells = openBells({
      redis: config.redis,
      folder: ground.redisFolder,
      prefix: config.redis.prefix,
      clock,
      log,
    });
    this.#sender = makeSender(this.#parts, (error) => this.#fault(error));
    this.#delivery = makeStationDelivery(this.#parts, (error) => this.#fault(error));
  }

  #makeTraces(): TraceDesk {
    const { config, traces, trace } = this.#ground;
    const desk = new TraceDesk(this.#parts, {
      folder: traces,
      openLinks: () => [...(this.#stations?.links ?? []), ...(this.#upstream?.links ?? [])],
      stationOf: ({ peer }) => stationOf(config.doors.station.stations, peer)?.id,
      onFault: (error) => this.#fault(error),
    });
    if (trace !== undefined) desk.tap.add(trace.of, trace.tap);
    return desk;
  }

  get ledger(): Ledger {
    return this.#ground.ledger;
  }

  get schedulerText(): string {
    return this.#bells.describe;
  }

  get stationAddress(): { readonly host: string; readonly port: number } {
    if (this.#stations === undefined) throw new HitlineError('CONNECTION_FAILED');
    return this.#stations.address;
  }

  get consoleAddress(): { readonly host: string; readonly port: number } {
    if (this.#consoles === undefined) throw new HitlineError('CONNECTION_FAILED');
    return this.#consoles.address;
  }

  /** Recovers what a dead process left behind, then opens the doors, and dials last. */
  async open(): Promise<void> {
    const parts = this.#parts;
    await this.#traces.start();
    await parts.counts.start();
    await this.#keeper.start();
    await this.people.start();
    await this.#sender.recover();
    const source = deadlineSource(parts.ledger);
    const ringDeadline = (bell: Bell): Promise<void> => fireDeadline(parts, bell);
    await this.#bells.scheduler.start(ringDeadline, source);
    await this.#bells.queue.start((bell) => this.#sender.ring(bell), queuedSource(parts.ledger));
    this.#watch = watchDue({ source, ring: ringDeadline, clock: parts.clock });
    const ringSender = (bell: Bell): Promise<void> => this.#sender.ring(bell);
    this.#sendWatch = watchDue({ source: queuedSource(parts.ledger), ring: ringSender, clock: parts.clock });
    await this.#openConsoles();
    this.#stations = await openStationDoor(parts, {
      delivery: this.#delivery,
      log: this.#ground.log,
      turnedAway: this.#turnedAway,
      trace: this.#traces.tap,
      onFault: (error) => this.#fault(error),
    });
    this.#upstream = await openUpstream(parts, {
      sender: this.#sender,
      log: this.#ground.log,
      turnedAway: this.#turnedAway,
      trace: this.#traces.tap,
      onChange: (state) => {
        this.#alarms.upstreamIs(state);
        this.#screens.tellStatus();
      },
      onFault: (error) => this.#fault(error),
    });
    this.#ground.log.info({ code: 'GATEWAY_UP', kind: this.#bells.kind, port: this.consoleAddress.port });
  }

  async #openConsoles(): Promise<void> {
    const { config, clock, ids } = this.#parts;
    const { host, port, tls, idleLogoffMs, sessionMsMax, origins } = config.doors.console;
    const desk = { parts: this.#parts, people: this.people, kept: this.#ground.ledger, traces: this.#traces };
    this.#consoles = await openConsoleDoor({
      host,
      port,
      ...(tls === undefined ? {} : watchedTls(this.#parts.certificates, 'console-door', tls)),
      clock,
      ids,
      log: this.#ground.log,
      people: this.people,
      consoleIds: config.consoles.map((one) => one.id),
      mayBe: (id, peer) => isKnownPeer(config.consoles.find((one) => one.id === id) ?? {}, peer),
      idleLogoffMs,
      sessionMsMax,
      origins,
      handlers: makeHandlers(desk, (session) => this.#screens.statusFor(session)),
      onTurnedAway: (refusal) => this.#turnedAway.tell(refusal),
      onSessionsChanged: () => this.#onSessions(),
    });
    this.#screens.openAt(this.#consoles);
  }

  #perform(effects: readonly Effect[]): void {
    performEffects(
      {
        bells: this.#bells,
        delivery: this.#delivery,
        screens: this.#screens,
        alarms: this.#alarms,
        background: (work) => this.#background(work),
      },
      effects,
    );
  }

  #ledgerFailed(): void {
    this.#alarms.ledgerFailed();
    this.#screens.tellStatus();
  }

  #background(work: Promise<unknown>): void {
    work.catch((error) => this.#fault(error));
  }

  /** The world failed somewhere: a code in the log, a word on every screen; nothing is lost, because nothing was answered. */
  #fault(error: unknown): void {
    this.#ground.log.error({ code: codeOf(error), place: placeOf(error) });
    this.#screens.tellStatus();
  }

  /** Somebody sat down or left: every screen looks again, and an empty chair that was taken is an alarm. */
  #onSessions(): void {
    this.#screens.tellStatus();
    if (this.#isClosing || this.#consoles === undefined) return;
    this.#background(this.#screens.present().then((now) => this.#alarms.present(now)));
  }

  close(): Promise<void> {
    this.#isClosing = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Waits for what is on the line: to close under a message leaves a person in doubt whether it arrived. */
  async #drained(): Promise<void> {
    let timeUp = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      timeUp = this.#parts.clock.after(drainMsMax, resolve);
    });
    await Promise.race([this.#sender.close(), limit]);
    timeUp();
  }

  /** Closes everything, one after another; what fails to close keeps nothing else open. */
  async #close(): Promise<void> {
    this.#screens.close();
    this.#alarms.close();
    this.#keeper.close();
    const closers: readonly (() => Promise<void> | undefined)[] = [
      () => this.#drained(),
      () => this.#upstream?.close(),
      () => this.#stations?.close(),
      () => this.#traces.close(),
      () => this.#sendWatch?.close(),
      () => this.#sender.close(),
      () => this.#delivery.close(),
      () => this.#consoles?.close(),
      () => this.#turnedAway.close(),
      () => this.#watch?.close(),
      () => this.#bells.close(),
      async () => this.#watched.close(),
      () => this.#ground.ledger.close(),
    ];
    for (const close of closers) {
      try {
        await close();
      } catch (error) {
        this.#ground.log.error({ code: codeOf(error), place: placeOf(error) });
      }
    }
    this.#ground.log.info({ code: 'GATEWAY_DOWN' });
  }
}
