/**
 * The other end of the wire bench, on a thread of its own so that the door under test has its thread to itself. It knows
 * only prepared bytes and how long an answer is, the same for ours and for the baseline.
 */
import { randomFillSync } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Sends `count` requests over `links` connections, `depth` under way on each. */
export interface FloodTask {
  readonly kind: 'flood';
  readonly port: number;
  readonly links: number;
  readonly depth: number;
  readonly count: number;
  readonly request: Uint8Array;
  /** Requests sent in turn instead of the one, such as the same payload under ids that differ. */
  readonly requests?: readonly Uint8Array[];
  readonly answerBytes: number;
  /** Sent first on each connection, and how many bytes answer it. */
  readonly greeting?: Uint8Array;
  readonly greetingAnswerBytes?: number;
}

/** Sends one request on each of `links` connections every `paceMs` and measures each answer. */
export interface PaceTask extends Omit<FloodTask, 'kind' | 'depth' | 'count' | 'requests'> {
  readonly kind: 'pace';
  readonly paceMs: number;
  readonly roundCount: number;
}

/**
 * Three bad neighbours until told to let go, each of which comes back at once when it is thrown out. They have a thread of
 * their own, so that what they cost their own side is not measured as latency of the others.
 */
export interface AnnoyTask extends Omit<FloodTask, 'kind' | 'depth' | 'count' | 'links' | 'requests'> {
  readonly kind: 'annoy';
}

/** Opens `links` connections, greets, and keeps them idle until told to let go. */
export interface IdleTask extends Omit<FloodTask, 'kind' | 'depth' | 'count' | 'requests'> {
  readonly kind: 'idle';
}

export type PeerTask = FloodTask | PaceTask | AnnoyTask | IdleTask | { readonly kind: 'let-go' };

/** `flood`: exchanges a second. `pace`: median milliseconds. `idle`: how many are open. */
export interface PeerResult {
  readonly figure: number;
}

let open: Socket[] = [];
let moveOut: () => void = () => undefined;

type CallTask = Pick<FloodTask, 'port' | 'greeting' | 'greetingAnswerBytes'>;

function openOne(task: CallTask): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: task.port, noDelay: true });
    open.push(socket);
    socket.on('error', reject);
    let left = task.greetingAnswerBytes ?? 0;
    socket.on('connect', () => {
      if (task.greeting === undefined) resolve(socket);
      else socket.write(task.greeting);
    });
    const greet = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off('data', greet);
      resolve(socket);
    };
    if (task.greeting !== undefined) socket.on('data', greet);
  });
}

async function openAll(task: CallTask, links: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < links; index += 1) sockets.push(await openOne(task));
  return sockets;
}

async function letGo(): Promise<void> {
  moveOut();
  const closing = open.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.removeAllListeners('error');
        socket.on('error', () => undefined);
        if (socket.destroyed) resolve();
        else socket.once('close', () => resolve()).destroy();
      }),
  );
  open = [];
  await Promise.all(closing);
}

async function flood(task: FloodTask): Promise<number> {
  const sockets = await openAll(task, task.links);
  let toSend = task.count;
  let toCome = task.count;
  const requests = task.requests ?? [task.request];
  let turn = 0;
  const nextRequest = (): Uint8Array => requests[turn++ % requests.length] ?? task.request;
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      let bytes = 0;
      const ask = (many: number): void => {
        const now = Math.min(many, toSend);
        if (now === 0) return;
        toSend -= now;
        socket.write(now === 1 ? nextRequest() : Buffer.concat(Array.from({ length: now }, nextRequest)));
      };
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        const answers = Math.floor(bytes / task.answerBytes);
        bytes -= answers * task.answerBytes;
        toCome -= answers;
        if (toCome <= 0) resolve();
        else ask(answers);
      });
      ask(task.depth);
    }
  });
  return task.count / ((performance.now() - startMs) / 1000);
}

/** Sends for as long as the connection takes it; what came back is somebody else's business. */
function pour(socket: Socket, next: () => Uint8Array): void {
  let taken = true;
  while (taken && !socket.destroyed) taken = socket.write(next());
}

/** A bad neighbour: it connects, does its worst, and is back the moment it is thrown out. */
interface Neighbour {
  /** Stations have an address each. */
  readonly address: string;
  /** Bytes one read may give; absent reads whatever there is. */
  readonly readBytes?: number;
  readonly greets: boolean;
  /** Called once it is in; `false` from `onRead` stops the reading until `resume`. */
  begin(socket: Socket): void;
  onRead?(socket: Socket): boolean;
}

function keepComing(task: AnnoyTask, one: Neighbour, isOver: () => boolean): void {
  const come = (): void => {
    if (isOver()) return;
    const socket: Socket = connect({
      host: '127.0.0.1',
      localAddress: one.address,
      port: task.port,
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(one.readBytes ?? 65_536),
        callback: () => one.onRead?.(socket) ?? true,
      },
    });
    open.push(socket);
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      if (one.greets && task.greeting !== undefined) socket.write(task.greeting);
      one.begin(socket);
    });
    socket.on('close', () => {
      open = open.filter((other) => other !== socket);
      setImmediate(come);
    });
  };
  come();
}

/**
 * The slow one asks as fast as it is let and reads its answers a byte each millisecond; the frozen one asks just as fast and
 * never reads, so that its answers pile up; the hostile one sends fresh random bytes at full speed.
 */
function badNeighbours(task: AnnoyTask): readonly Neighbour[] {
  const requests = Buffer.concat(Array.from({ length: 200 }, () => task.request));
  const noise = Buffer.alloc(65_536);
  const ask = (socket: Socket): void => {
    pour(socket, () => requests);
    socket.on('drain', () => pour(socket, () => requests));
  };
  return [
    {
      address: '127.0.0.2',
      readBytes: 1,
      greets: true,
      begin: ask,
      onRead: (socket) => {
        setTimeout(() => socket.resume(), 1);
        return false;
      },
    },
    {
      address: '127.0.0.3',
      greets: true,
      begin: (socket) => {
        socket.pause();
        ask(socket);
      },
    },
    {
      address: '127.0.0.4',
      greets: false,
      begin: (socket) => {
        const shout = (): void => pour(socket, () => Buffer.from(randomFillSync(noise)));
        socket.on('drain', shout);
        shout();
      },
    },
  ];
}

/** Lets the three move in; gives a function that ends them. */
function moveIn(task: AnnoyTask): () => void {
  let over = false;
  for (const one of badNeighbours(task)) keepComing(task, one, () => over);
  return () => {
    over = true;
  };
}

async function pace(task: PaceTask): Promise<number> {
  const sockets = await openAll(task, task.links);
  const timesMs: number[] = [];
  await Promise.all(
    sockets.map(
      (socket, index) =>
        new Promise<void>((resolve) => {
          let sentAtMs = 0;
          let bytes = 0;
          let round = 0;
          const ask = (): void => {
            sentAtMs = performance.now();
            socket.write(task.request);
          };
          socket.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes < task.answerBytes) return;
            bytes = 0;
            timesMs.push(performance.now() - sentAtMs);
            round += 1;
            if (round === task.roundCount) resolve();
            else setTimeout(ask, task.paceMs);
          });
          setTimeout(ask, (index * task.paceMs) / sockets.length);
        }),
    ),
  );
  timesMs.sort((a, b) => a - b);
  return timesMs[Math.floor(timesMs.length / 2)] ?? Number.NaN;
}

async function work(task: PeerTask): Promise<number> {
  switch (task.kind) {
    case 'let-go':
      await letGo();
      return 0;
    case 'idle':
      return (await openAll(task, task.links)).length;
    case 'annoy':
      moveOut = moveIn(task);
      return 3;
    case 'flood':
    case 'pace': {
      const figure = task.kind === 'flood' ? await flood(task) : await pace(task);
      await letGo();
      return figure;
    }
  }
}

parentPort?.on('message', (task: PeerTask) => {
  work(task).then(
    (figure) => parentPort?.postMessage({ figure } satisfies PeerResult),
    (error: unknown) => {
      throw error;
    },
  );
});
