/** The gateway: the only place where ports meet adapters, and rooms meet each other. */
import type { StatusView } from '../console/contract.ts';
import { HitlineError } from '../faults/fault.ts';
import type { ReplyRule } from '../formats/language.ts';
import { type Clock, systemClock } from '../host/clock.ts';
import { makeIds } from '../host/ids.ts';
import { loadMasterKey } from '../host/keys.ts';
import { type Log, openLog, placeOf } from '../host/log.ts';
import { claimDataFolder } from '../host/paths.ts';
import type { LinkDoor } from '../wire/sockets/listen.ts';
import type { LinkTap } from '../wire/sockets/socket-link.ts';
import { type HouseAlarms, makeHouseAlarms } from './alarms/house-alarms.ts';
import { type Effect, makeChanger } from './change.ts';
import type { Config } from './config.ts';
import { deadlineSource, fireDeadline } from './deadlines/deadline-work.ts';
import { codeOf } from './deadlines/ringer.ts';
import type { Bell } from './deadlines/scheduler.ts';
import { type SteadyClock, steadyClock } from './deadlines/steady-clock.ts';
import { type WatchDue, watchDue } from './deadlines/watch-due.ts';
import { makeStationDelivery, type StationDelivery } from './delivery/station-delivery.ts';
import { type ConsoleDoor, type ConsoleSession, openConsoleDoor } from './doors/console-door.ts';
import { makeHandlers } from './doors/console-handlers.ts';
import { type StatusFacts, statusFor, whoIsPresent } from './doors/console-status.ts';
import { openStationDoor } from './doors/station-door.ts';
import { makeTlsWatch, watchedTls } from './doors/tls-watch.ts';
import { openUpstream, type Upstream } from './doors/upstream.ts';
import type { Ledger } from './ledger/ledger.ts';
import { openLedger, type SqliteLedger } from './ledger/sqlite/sqlite-ledger.ts';
import { type LedgerKeeper, makeLedgerKeeper, sealKeyOf } from './ledger-keeper.ts';
import { leaseReferences } from './outbound/references.ts';
import { makeSender, queuedSource, type Sender } from './outbound/sender.ts';
import type { Parts } from './parts.ts';
import { openPeople, type People } from './people/people.ts';
import { makeCounts } from './records/counts.ts';
import { makeFrames } from './records/frames.ts';
import { findSource } from './records/source-documents.ts';
import { alarmViewOf } from './records/views.ts';
import { type Bells, openBells } from './redis/open-bells.ts';

/** Adapters a caller may give instead of the gateway's own. */
export interface GatewayPorts {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Wording of replies that the State's profile marks as sure; without it no reply is NO RECORD by a recalled rule. */
  readonly replyRules?: readonly ReplyRule[];
  /** Records what passes on the line to the switch. */
  readonly upstreamTrace?: LinkTap;
}

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

/** The name of this gateway's chain and the letter of its references; several gateways will each have their own. */
const gatewayLetter = 'A';

/** What exists before any room: settings, time, the ledger. */
interface Ground {
  readonly config: Config;
  readonly clock: SteadyClock;
  readonly log: Log;
  readonly upstreamTrace: LinkTap | undefined;
  readonly ledger: SqliteLedger;
  readonly redisFolder: string;
  readonly replyRules: readonly ReplyRule[];
  /** Whoever is to hear of a step of the wall; there is nobody to hear of one before the gateway stands. */
  onStep(hear: (stepMs: number) => void): void;
}

async function openGround(config: Config, ports: GatewayPorts): Promise<Ground> {
  const stepped: { tell?: (stepMs: number) => void } = {};
  const clock = steadyClock(ports.clock ?? systemClock, (stepMs) => stepped.tell?.(stepMs));
  const log =
    ports.log ??
    openLog({
      level: config.log.level,
      to: config.log.file === undefined ? 'stderr' : { file: config.log.file },
      clock,
    });
  const onStep = (hear: (stepMs: number) => void): void => {
    stepped.tell = (stepMs) => {
      log.warn({ code: 'CLOCK_STEPPED', ms: stepMs });
      hear(stepMs);
    };
  };
  const paths = claimDataFolder(config.dataFolder, { practice: config.practice });
  const masterKey = loadMasterKey({
    file: config.keys.file,
    practice: config.practice,
    dataFolder: config.dataFolder,
    create: true,
    credentialsFolder: process.env['CREDENTIALS_DIRECTORY'],
  });
  const headsFile = `${paths.folder}.heads`;
  const onHeadsFailed = (): void => log.error({ code: 'LEDGER_FAILED', reason: 'HEADS' });
  const ledger = await openLedger({
    folder: paths.folder,
    writer: gatewayLetter,
    masterKey,
    clock,
    headsFile,
    onHeadsFailed,
  });
  return {
    config,
    clock,
    log,
    upstreamTrace: ports.upstreamTrace,
    ledger,
    redisFolder: paths.redisFolder,
    replyRules: ports.replyRules ?? [],
    onStep,
  };
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

class RunningGateway implements Gateway {
  readonly #ground: Ground;
  readonly #parts: Parts;
  readonly #keeper: LedgerKeeper;
  readonly people: People;
  readonly #bells: Bells;
  readonly #sender: Sender;
  readonly #delivery: StationDelivery;
  #watch: WatchDue | undefined;
  #sendWatch: WatchDue | undefined;
  #upstream: Upstream | undefined;
  #stations: LinkDoor | undefined;
  #consoles: ConsoleDoor | undefined;
  readonly #alarms: HouseAlarms;
  #isClosing = false;
  #statusTold: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(ground: Ground) {
    const { config, clock, log, ledger } = ground;
    this.#ground = ground;
    const ids = makeIds(clock);
    const counts = makeCounts(ledger);
    const change = makeChanger({
      ledger,
      clock,
      perform: (effects, moved) => {
        counts.moved(moved);
        this.#perform(effects);
      },
      failed: () => {
        this.#alarms.ledgerFailed();
        this.#tellStatus();
      },
    });
    this.#keeper = makeLedgerKeeper({
      ledger,
      signingKey: sealKeyOf(config),
      clock,
      ids,
      change,
      onChange: () => this.#tellStatus(),
      onFault: (error) => this.#fault(error),
    });
    this.#parts = {
      config,
      clock,
      ledger,
      change,
      ids,
      references: leaseReferences(change, gatewayLetter),
      frames: makeFrames(change, ids),
      counts,
      replyRules: ground.replyRules,
      room: this.#keeper,
      certificates: makeTlsWatch({ clock, log, onChange: () => this.#tellStatus() }),
      sources: { find: (nic) => findSource(config.sourcesFolder, nic) },
    };
    this.#alarms = makeHouseAlarms(this.#parts, {
      show: (alarm) => this.#consoles?.notify('alarm', alarm),
      background: (work) => this.#background(work),
    });
    ground.onStep((stepMs) => this.#alarms.clockStepped(stepMs));
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
    await parts.counts.start();
    await this.#keeper.start();
    await this.people.start();
    await this.#sender.recover();
    const source = deadlineSource(parts.ledger);
    const ringDeadline = (bell: Bell): Promise<void> => fireDeadline(parts, bell);
    await this.#bells.scheduler.start(ringDeadline, source);
    await this.#bells.queue.start((bell) => this.#sender.ring(bell));
    this.#watch = watchDue({ source, ring: ringDeadline, clock: parts.clock });
    const ringSender = (bell: Bell): Promise<void> => this.#sender.ring(bell);
    this.#sendWatch = watchDue({ source: queuedSource(parts.ledger), ring: ringSender, clock: parts.clock });
    await this.#openConsoles();
    this.#stations = await openStationDoor(parts, {
      delivery: this.#delivery,
      log: this.#ground.log,
      onFault: (error) => this.#fault(error),
    });
    this.#upstream = openUpstream(parts, {
      sender: this.#sender,
      log: this.#ground.log,
      trace: this.#ground.upstreamTrace,
      onChange: (state) => {
        this.#alarms.upstreamIs(state);
        this.#tellStatus();
      },
      onFault: (error) => this.#fault(error),
    });
    this.#ground.log.info({ code: 'GATEWAY_UP', kind: this.#bells.kind, port: this.consoleAddress.port });
  }

  async #openConsoles(): Promise<void> {
    const { config, clock, ids } = this.#parts;
    const { host, port, tls, idleLogoffMs, sessionMsMax, origins } = config.doors.console;
    const desk = { parts: this.#parts, people: this.people, kept: this.#ground.ledger };
    this.#consoles = await openConsoleDoor({
      host,
      port,
      ...(tls === undefined ? {} : watchedTls(this.#parts.certificates, 'console-door', tls)),
      clock,
      ids,
      log: this.#ground.log,
      people: this.people,
      consoleIds: config.consoles.map((one) => one.id),
      idleLogoffMs,
      sessionMsMax,
      origins,
      handlers: makeHandlers(desk, (session) => this.#statusFor(session)),
      onSessionsChanged: () => this.#onSessions(),
    });
  }

  /** Does what follows from what is now on disk. Nothing here may throw; every effect can be found again in the ledger. */
  #perform(effects: readonly Effect[]): void {
    if (this.#alarms.isLedgerFailing) {
      this.#alarms.ledgerKept();
      this.#tellStatus();
    }
    for (const effect of effects) {
      switch (effect.do) {
        case 'arm':
          this.#background(this.#bells.scheduler.arm(effect.bell));
          break;
        case 'disarm':
          this.#background(this.#bells.scheduler.disarm(effect.bell));
          break;
        case 'ready':
          this.#background(this.#bells.queue.put(effect.bell));
          break;
        case 'deliver':
          this.#delivery.deliver(effect.stationId);
          break;
        case 'changed':
          this.#consoles?.notify('changed', { what: effect.what, id: effect.id });
          this.#tellStatus();
          break;
        case 'alarm':
          this.#background(this.#tellAlarm(effect.id));
          break;
      }
    }
  }

  async #tellAlarm(id: string): Promise<void> {
    const stored = await this.#parts.ledger.state('alarm', id);
    if (stored === undefined) return;
    this.#ground.log.warn({ code: String(stored.key), id });
    this.#consoles?.notify('alarm', alarmViewOf(stored));
    this.#tellStatus();
  }

  #background(work: Promise<unknown>): void {
    work.catch((error) => this.#fault(error));
  }

  /** The world failed somewhere: a code in the log, a word on every screen; nothing is lost, because nothing was answered. */
  #fault(error: unknown): void {
    this.#ground.log.error({ code: codeOf(error), place: placeOf(error) });
    this.#tellStatus();
  }

  /** Tells every screen to look at the status again; many changes close together are told once. */
  #tellStatus(): void {
    if (this.#isClosing) return;
    this.#statusTold ??= this.#parts.clock.after(100, () => {
      this.#statusTold = undefined;
      this.#consoles?.notify('changed', { what: 'status' });
    });
  }

  async #statusFor(session: Pick<ConsoleSession, 'consoleId'>): Promise<StatusView> {
    const parts = this.#parts;
    const sessions = this.#consoles?.sessions ?? [];
    const present = await whoIsPresent(parts, this.people, sessions);
    const facts: StatusFacts = {
      sessions,
      upstream: {
        state: this.#upstream?.state ?? 'connecting',
        sinceMs: Math.floor(this.#upstream?.sinceMs ?? parts.clock.wallMs()),
        text: this.#upstream?.text ?? 'Starting.',
      },
      scheduler: this.#bells.health(),
      isLedgerFailing: this.#alarms.isLedgerFailing,
      areClocksLate: this.#watch?.trouble() !== undefined,
      steppedMs: this.#ground.clock.steppedMs(),
    };
    return statusFor(parts, session.consoleId, { facts, present });
  }

  /** Somebody sat down or left: every screen looks again, and an empty chair that was taken is an alarm. */
  #onSessions(): void {
    this.#tellStatus();
    if (this.#isClosing || this.#consoles === undefined) return;
    const { sessions } = this.#consoles;
    this.#background(whoIsPresent(this.#parts, this.people, sessions).then((now) => this.#alarms.present(now)));
  }

  close(): Promise<void> {
    this.#isClosing = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes everything, one after another; what fails to close keeps nothing else open. */
  async #close(): Promise<void> {
    this.#statusTold?.();
    this.#alarms.close();
    this.#keeper.close();
    const closers: readonly (() => Promise<void> | undefined)[] = [
      () => this.#upstream?.close(),
      () => this.#stations?.close(),
      () => this.#sendWatch?.close(),
      () => this.#sender.close(),
      () => this.#delivery.close(),
      () => this.#consoles?.close(),
      () => this.#watch?.close(),
      () => this.#bells.close(),
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
