/**
 * Bells on BullMQ: the part the scheduler and the send queue share. A job carries kind, id and version and nothing else.
 * Redis may go at any moment: adding never waits and never throws, what cannot be added yet waits under a cap, and what
 * the cap leaves out comes back from the ledger (DESIGN.md, section 5).
 */

import type { Job } from 'bullmq';
import { DelayedError, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import type { RedisAddress } from '../redis/redis-connection.ts';
import { openRedis, redisCodeOf } from '../redis/redis-connection.ts';
import { bellName, codeOf } from './ringer.ts';
import type { Bell, Ring, SchedulerHealth, TimedBell } from './scheduler.ts';
import type { SteadyClock } from './steady-clock.ts';
import { steadyClock } from './steady-clock.ts';

/** Bells that may wait for Redis; one more is left to the ledger. */
const waitingMax = 10_000;
/** Bells given to Redis in one go. */
const batchMax = 200;
/** Jobs whose handlers run side by side, so that the ledger can file their units together. */
const ringingMax = 64;
const lockMs = 5_000;
const stalledMs = 2_000;
/** BullMQ's own pause after a failed fetch; its default of 15 s would ring late. */
const refetchMs = 500;
const tickMs = 1_000;
/** A connection that is open and silent for so long is torn down and made anew. */
const silentMsMax = 4_000;
const closeMsMax = 2_000;
/** A Redis that has not answered yet is called starting, and not away, for so long. */
const startMs = 5_000;
/** A job that comes early by no more than this is held here until its moment; by more, it goes back to Redis. */
const heldMsMax = 50;
/** BullMQ's stream of events is of no use here; it keeps about so many. */
const eventsMax = 100;

/** What the adapters on BullMQ are made with. */
export interface BullmqOptions {
  readonly connection: RedisAddress;
  /** Begins every key; practice and live never share one. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

type BellData = { readonly kind: string; readonly id: string; readonly version: number };
type Waiting = { readonly bell: Bell; readonly dueAtMs: number | undefined };

/** The queue and the worker of one connection; made when Redis first answers. */
interface Machinery {
  readonly queue: Queue<BellData>;
  readonly worker: Worker<BellData> | undefined;
}

/**
 * Each second's work while Redis answers. `isStale` says that Redis may lack bells it was given: the connection is a new
 * one, or the cap left some out.
 */
type EachTick = (isStale: boolean) => Promise<void>;

export class BullmqBells {
  readonly clock: SteadyClock;
  readonly redis: Redis;
  readonly #name: string;
  readonly #options: BullmqOptions;
  readonly #eachTick: EachTick;
  #ring: Ring | undefined;
  #machinery: Machinery | undefined;
  #isMaking = false;
  /** By name; undefined stands for a bell to be taken away. */
  readonly #waiting = new Map<string, Waiting | undefined>();
  #isPumping = false;
  #leftCount = 0;
  #isStale = true;
  #callOff = (): void => {};
  #isTicking = false;
  #answeredMonoMs: number;
  readonly #openedMonoMs: number;
  #hasAnswered = false;
  #trouble: string | undefined = 'CONNECTING';
  #ringTrouble: string | undefined;
  /** Calls off the bells that came early and wait here. */
  readonly #held = new Map<string, () => void>();
  #closed = false;

  /** `eachTick` is called each second while Redis answers; what it throws is taken for Redis being away. */
  constructor(name: string, options: BullmqOptions, eachTick: EachTick = async () => {}) {
    this.#name = name;
    this.#options = options;
    this.#eachTick = eachTick;
    this.clock = steadyClock(options.clock);
    this.#answeredMonoMs = this.clock.monoMs();
    this.#openedMonoMs = this.#answeredMonoMs;
    this.redis = openRedis(options.connection);
    this.redis.on('error', (error) => this.#note(redisCodeOf(error)));
    this.redis.on('close', () => this.#note(this.#trouble ?? 'CLOSED'));
    this.redis.on('ready', () => {
      this.#isStale = true;
      void this.#tick();
    });
    this.#callOff = this.clock.after(tickMs, () => this.#nextTick());
  }

  /** Rings what is in Redis from now on. Does not wait for Redis. */
  start(ring: Ring): void {
    this.#ring = ring;
    void this.#tick();
  }

  /** Adds a bell for a moment, or for at once. Never waits and never throws; the same name added twice is one bell. */
  add(bell: Bell, dueAtMs?: number): void {
    const name = bellName(bell);
    // BullMQ refuses such a job; the ledger's own look rings it.
    if (this.#closed || name.includes(':')) return;
    if (this.#waiting.size >= waitingMax && !this.#waiting.has(name)) {
      if (this.#leftCount === 0) this.#options.log.warn({ code: 'BELLS_LEFT', kind: this.#name });
      this.#leftCount += 1;
      return;
    }
    this.#waiting.set(name, { bell: { kind: bell.kind, id: bell.id, version: bell.version }, dueAtMs });
    this.#pumpSoon();
  }

  /** Takes a bell away if it still waits. */
  remove(bell: Bell): void {
    const name = bellName(bell);
    if (this.#closed || name.includes(':')) return;
    if (this.#waiting.size >= waitingMax && !this.#waiting.has(name)) return;
    this.#waiting.set(name, undefined);
    this.#pumpSoon();
  }

  /** Which of these bells neither Redis nor the list of waiting ones has. Throws when Redis fails. */
  async missing(bells: readonly TimedBell[]): Promise<readonly TimedBell[]> {
    const queue = this.#machinery?.queue;
    if (queue === undefined) return [];
    const asked = await this.redis.pipeline(bells.map((bell) => ['exists', queue.toKey(bellName(bell))])).exec();
    const error = asked?.find((one) => one[0] !== null)?.[0];
    if (error) throw error;
    return bells.filter((bell, index) => asked?.[index]?.[1] === 0 && !this.#waiting.has(bellName(bell)));
  }

  health(): SchedulerHealth {
    const kind = 'bullmq';
    const isSilent = this.clock.monoMs() - this.#answeredMonoMs > 3 * tickMs;
    const reason = this.#trouble ?? (isSilent ? 'SILENT' : undefined);
    const isStarting = !this.#hasAnswered && this.clock.monoMs() - this.#openedMonoMs < startMs;
    if (isStarting)
      return { kind, ok: true, text: 'Redis is starting; until it answers the ledger rings each second.' };
    if (reason !== undefined) {
      const waiting = this.#waiting.size === 0 ? '' : ` ${this.#waiting.size} bells wait for it.`;
      return { kind, ok: false, text: `Redis is away (${reason}); the ledger rings each second.${waiting}` };
    }
    if (this.#ringTrouble !== undefined) {
      return { kind, ok: false, text: `The last ring failed (${this.#ringTrouble}); it is tried again.` };
    }
    return { kind, ok: true, text: 'Clocks and queues run on BullMQ.' };
  }

  /** Lets the handlers that run end, and closes every connection, whether Redis answers or not. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const isThere = this.#trouble === undefined;
    this.#closed = true;
    this.#callOff();
    for (const callOff of this.#held.values()) callOff();
    const machinery = this.#machinery;
    let timeUp = (): void => {};
    const limit = new Promise<void>((resolve) => {
      timeUp = this.clock.after(closeMsMax, resolve);
    });
    const closing = Promise.all([machinery?.worker?.close(!isThere), machinery?.queue.close()]).catch(() => {});
    await Promise.race([closing, limit]);
    timeUp();
    this.redis.disconnect();
    void machinery?.worker?.disconnect().catch(() => {});
  }

  #note(trouble: string | undefined): void {
    if (this.#closed || trouble === this.#trouble) return;
    const { log } = this.#options;
    if (trouble === undefined) log.info({ code: 'REDIS_BACK', kind: this.#name });
    else if (this.#trouble === undefined) log.warn({ code: 'REDIS_AWAY', kind: this.#name, reason: trouble });
    this.#trouble = trouble;
  }

  #nextTick(): void {
    if (this.#closed) return;
    this.#callOff = this.clock.after(tickMs, () => this.#nextTick());
    this.clock.observe();
    const silentMs = this.clock.monoMs() - this.#answeredMonoMs;
    if (silentMs > silentMsMax && this.redis.status === 'ready') {
      this.#note('SILENT');
      this.#answeredMonoMs = this.clock.monoMs();
      this.redis.disconnect(true);
    }
    void this.#tick();
  }

  /** Asks whether Redis answers, and does each second's work; one at a time. */
  async #tick(): Promise<void> {
    if (this.#isTicking || this.#closed || this.redis.status !== 'ready') return;
    this.#isTicking = true;
    try {
      await this.redis.ping();
      this.#answeredMonoMs = this.clock.monoMs();
      this.#hasAnswered = true;
      if (await this.#makeMachinery()) {
        const isStale = this.#isStale;
        this.#isStale = false;
        await this.#eachTick(isStale).catch((error: unknown) => {
          this.#isStale ||= isStale;
          throw error;
        });
        await this.#pump();
        this.#note(undefined);
      }
    } catch (error) {
      this.#note(redisCodeOf(error));
    } finally {
      this.#isTicking = false;
    }
  }

  /** BullMQ asks for Redis's version once and never again: it is made when Redis answers, and anew if that failed. */
  async #makeMachinery(): Promise<boolean> {
    const made = this.#machinery;
    if (made !== undefined && (made.worker !== undefined || this.#ring === undefined)) return true;
    if (this.#isMaking) return false;
    this.#isMaking = true;
    const queue = made?.queue ?? this.#makeQueue();
    const worker = this.#ring === undefined ? undefined : this.#makeWorker(this.#ring);
    try {
      await Promise.all([queue.waitUntilReady(), worker?.waitUntilReady()]);
      this.#machinery = { queue, worker };
      if (this.#closed) await Promise.all([worker?.close(true), queue.close()]);
      else worker?.run().catch((error: unknown) => this.#note(redisCodeOf(error)));
    } catch (error) {
      await Promise.all([worker?.close(true), made === undefined ? queue.close() : undefined]).catch(() => {});
      throw error;
    } finally {
      this.#isMaking = false;
    }
    return !this.#closed;
  }

  #makeQueue(): Queue<BellData> {
    const queue = new Queue<BellData>(this.#name, {
      connection: this.redis,
      prefix: this.#options.prefix,
      streams: { events: { maxLen: eventsMax } },
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0 },
    });
    queue.on('error', (error) => this.#noteTrouble(error));
    return queue;
  }

  #makeWorker(ring: Ring): Worker<BellData> {
    const worker = new Worker<BellData>(this.#name, (job, token) => this.#handle(ring, job, token), {
      connection: this.redis,
      prefix: this.#options.prefix,
      autorun: false,
      concurrency: ringingMax,
      lockDuration: lockMs,
      stalledInterval: stalledMs,
      runRetryDelay: refetchMs,
    });
    worker.on('error', (error) => this.#noteTrouble(error));
    return worker;
  }

  /** An error that BullMQ tells is taken for Redis being away only when Redis's own connection says so too. */
  #noteTrouble(error: Error): void {
    if (this.redis.status !== 'ready') this.#note(redisCodeOf(error));
  }

  /** A job's whole work: ring and return. What comes before its moment waits for it, here or in Redis. */
  async #handle(ring: Ring, job: Job<BellData>, token: string | undefined): Promise<void> {
    const { kind, id, version } = job.data;
    const dueAtMs = Number(job.name);
    const leftMs = dueAtMs - this.clock.wallMs();
    if (leftMs > heldMsMax) {
      // BullMQ reckons by the wall, and told the wall's time of this fetch; the wall may be ahead of the steady time.
      const fetchedAtMs = job.processedOn ?? dueAtMs - leftMs + this.clock.steppedMs();
      await job.moveToDelayed(Math.ceil(fetchedAtMs + leftMs), token);
      throw new DelayedError('EARLY');
    }
    if (leftMs > 0) {
      this.#hold(leftMs, () => this.#ringNow(ring, { kind, id, version }), job.id ?? job.name);
      return;
    }
    const code = await this.#ringNow(ring, { kind, id, version });
    // Redis keeps what a job throws for a while: a code and nothing else.
    if (code !== undefined) throw new Error(code);
  }

  #hold(leftMs: number, ringNow: () => Promise<unknown>, name: string): void {
    if (this.#held.has(name) || this.#closed) return;
    const callOff = this.clock.after(leftMs, () => {
      this.#held.delete(name);
      void ringNow();
    });
    this.#held.set(name, callOff);
  }

  async #ringNow(ring: Ring, bell: Bell): Promise<string | undefined> {
    try {
      await ring(bell);
      this.#ringTrouble = undefined;
    } catch (error) {
      this.#ringTrouble = codeOf(error);
    }
    return this.#ringTrouble;
  }

  /** Gathers what is added in one go into one batch; while Redis is in trouble the tick alone tries. */
  #pumpSoon(): void {
    if (this.#isPumping || this.#trouble !== undefined) return;
    queueMicrotask(() => {
      this.#pump().catch((error: unknown) => this.#note(redisCodeOf(error)));
    });
  }

  /** Gives Redis what waits, a batch at a time; what fails waits on. */
  async #pump(): Promise<void> {
    const queue = this.#machinery?.queue;
    if (this.#isPumping || queue === undefined) return;
    this.#isPumping = true;
    try {
      while (this.#waiting.size > 0 && !this.#closed && this.redis.status === 'ready') {
        const batch = [...this.#waiting].slice(0, batchMax);
        await this.#give(queue, batch);
        for (const [name, waiting] of batch) if (this.#waiting.get(name) === waiting) this.#waiting.delete(name);
      }
      if (this.#waiting.size === 0 && this.#leftCount > 0) {
        this.#leftCount = 0;
        this.#isStale = true;
      }
    } finally {
      this.#isPumping = false;
    }
  }

  async #give(queue: Queue<BellData>, batch: readonly (readonly [string, Waiting | undefined])[]): Promise<void> {
    await Promise.all(batch.flatMap(([name, waiting]) => (waiting === undefined ? [queue.remove(name)] : [])));
    const nowMs = this.clock.wallMs();
    // BullMQ reckons by the wall, which may have stepped away from the steady time; the job's name is its true moment.
    const timestamp = nowMs + Math.round(this.clock.steppedMs());
    const jobs = batch.flatMap(([jobId, waiting]) => {
      if (waiting === undefined) return [];
      const dueAtMs = Math.max(nowMs, Math.ceil(waiting.dueAtMs ?? nowMs));
      return [{ name: String(dueAtMs), data: waiting.bell, opts: { jobId, timestamp, delay: dueAtMs - nowMs } }];
    });
    if (jobs.length > 0) await queue.addBulk(jobs);
  }
}
