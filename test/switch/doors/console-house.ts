/** A console door with real people and a real ledger behind it, and bare screens that can misbehave. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { methods, type StatusView } from '../../../src/console/contract.ts';
import { HitlineError } from '../../../src/faults/fault.ts';
import { makeIds } from '../../../src/host/ids.ts';
import { makeChanger } from '../../../src/switch/change.ts';
import {
  type ConsoleDoor,
  type ConsoleDoorOptions,
  type ConsoleSession,
  type Handlers,
  openConsoleDoor,
} from '../../../src/switch/doors/console-door.ts';
import { openLedger, type SqliteLedger } from '../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { openPeople, type People } from '../../../src/switch/people/people.ts';
import { keptLog } from '../../support/silent-log.ts';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';

export const password = 'Correct-horse-1';

/** What a status says; only the console's name changes. */
export function statusOf(session: ConsoleSession): StatusView {
  return {
    agency: 'Pine Ridge Police Department',
    ori: 'CO0990100',
    consoleId: session.consoleId,
    isCoj: session.consoleId === 'COJ1',
    practice: true,
    nowMs: 1_800_000_000_000,
    upstream: { state: 'up', sinceMs: 0, text: '' },
    scheduler: { kind: 'in-process', ok: true, text: '' },
    operator: session.person?.osn ?? null,
    approverPresent: true,
    heldCount: 0,
    openCaseCount: 0,
    openAlarmCount: 0,
    notices: [],
  };
}

/** Handlers that know the status and have nothing else. */
export function emptyHandlers(changes: Partial<Handlers> = {}): Handlers {
  const nothing = async (): Promise<never> => {
    throw new HitlineError('NOT_FOUND');
  };
  const all = Object.fromEntries(Object.keys(methods).map((name) => [name, nothing])) as unknown as Handlers;
  return { ...all, status: async (_, session) => statusOf(session), ...changes };
}

export interface House {
  readonly clock: VirtualClock;
  readonly people: People;
  readonly ledger: SqliteLedger;
  readonly log: ReturnType<typeof keptLog>;
  open(changes?: Partial<ConsoleDoorOptions>): Promise<ConsoleDoor>;
  close(): Promise<void>;
}

/** Opens ledger and people: PRACOP and PRACOP2 operators, PRACSUP supervisor, PRACCUST custodian. */
export async function openHouse(): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-door-'));
  const clock = virtualClock();
  const log = keptLog();
  const ids = makeIds(clock);
  const masterKey = new Uint8Array(32).fill(3);
  const ledger = await openLedger({ folder: join(folder, 'data'), writer: 'gateway', masterKey, clock });
  const change = makeChanger({ ledger, clock, perform: () => undefined });
  const config = {
    practice: true,
    fips: false,
    people: { initial: [], failedLogonsMax: 5, failedLogonWindowMs: 900_000 },
  };
  const cost = { kind: 'argon2id', memoryKib: 64, passes: 1 } as const;
  const people = openPeople({ config, ledger, change, ids, log, cost });
  for (const [osn, role] of [
    ['PRACOP', 'operator'],
    ['PRACOP2', 'operator'],
    ['PRACSUP', 'supervisor'],
    ['PRACCUST', 'custodian'],
  ] as const) {
    await people.create({ osn, name: 'PRACTICE, PERSON', roles: [role], password, by: 'system' });
  }
  return {
    clock,
    people,
    ledger,
    log,
    open: (changes = {}) =>
      openConsoleDoor({
        host: '127.0.0.1',
        port: 0,
        consoleIds: ['COJ1', 'SUP1', 'REC2'],
        clock,
        log,
        ids,
        people,
        handlers: emptyHandlers(),
        idleLogoffMs: 1_800_000,
        sessionMsMax: 43_200_000,
        ...changes,
      }),
    async close() {
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface RpcFrame {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: { readonly code: string; readonly faults: { readonly field?: string }[] };
  };
}

/** A screen without manners: it sends what it is told and keeps what it hears. */
export class BareScreen {
  readonly socket: WebSocket;
  readonly heard: RpcFrame[] = [];
  #next = 0;
  readonly #waiting = new Map<number | string, (frame: RpcFrame) => void>();
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as RpcFrame));
  }

  /** Connects; rejects with the HTTP status when the door turns it away. */
  static connect(
    door: ConsoleDoor,
    options: { origin?: string; ca?: string; maxVersion?: 'TLSv1.2'; ciphers?: string } = {},
  ) {
    const scheme = options.ca === undefined ? 'ws' : 'wss';
    const socket = new WebSocket(`${scheme}://localhost:${door.address.port}`, { ...options, family: 4 });
    return new Promise<BareScreen>((resolve, reject) => {
      socket.once('open', () => resolve(new BareScreen(socket)));
      socket.once('unexpected-response', (_, response) => {
        response.resume();
        reject(new Error(`HTTP ${response.statusCode}`));
      });
      socket.once('error', reject);
    });
  }

  /** Connects and says hello. */
  static async at(door: ConsoleDoor, consoleId: string): Promise<BareScreen> {
    const screen = await BareScreen.connect(door);
    await screen.call('hello', { consoleId, client: 'test' });
    return screen;
  }

  /** Calls a method and gives the whole answer. */
  call(method: string, params: unknown = {}): Promise<RpcFrame> {
    this.#next += 1;
    const id = this.#next;
    const answer = new Promise<RpcFrame>((resolve) => this.#waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return answer;
  }

  /** The fault code of a call's answer, or `ok`. */
  async codeOf(method: string, params: unknown = {}): Promise<string> {
    const answer = await this.call(method, params);
    return answer.error?.data.code ?? 'ok';
  }

  logon(osn: string, word = password): Promise<string> {
    return this.codeOf('logon', { osn, password: word });
  }

  #receive(frame: RpcFrame): void {
    this.heard.push(frame);
    const resolve = frame.id === undefined || frame.id === null ? undefined : this.#waiting.get(frame.id);
    resolve?.(frame);
  }
}
