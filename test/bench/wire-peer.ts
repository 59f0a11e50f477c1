/**
 * The other end of the wire bench, on a thread of its own so that the door under test has its thread to itself. It knows
 * only prepared bytes and how long an answer is, the same for ours and for the baseline.
 */
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
 * Three bad neighbours until told to let go: one that trickles, one that neither reads nor writes any more, one that sends
 * random bytes and comes back each time it is thrown out. They have a thread of their own, so that what they cost their
 * own side is not measured as latency of the others.
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

/** The three bad neighbours; gives a function that ends them. */
async function moveIn(task: AnnoyTask): Promise<() => void> {
  const [frozen, slow] = await openAll(task, 2);
  // The frozen one asks much and then neither reads nor writes again; the slow one trickles its requests.
  frozen?.write(Buffer.concat(Array.from({ length: 200 }, () => task.request)));
  frozen?.pause();
  slow?.on('data', () => undefined);
  let at = 0;
  const nag = setInterval(() => {
    slow?.write(task.request.subarray(at, at + 10));
    at = at + 10 >= task.request.length ? 0 : at + 10;
  }, 10);
  let ended = false;
  const noise = Buffer.from(Array.from({ length: 4_096 }, (_one, index) => (index * 7_919) % 251));
  const annoy = (): void => {
    if (ended) return;
    const hostile = connect({ host: '127.0.0.1', port: task.port });
    open.push(hostile);
    hostile.on('error', () => undefined);
    hostile.on('connect', () => hostile.write(noise));
    hostile.on('data', () => undefined);
    hostile.on('close', () => {
      open = open.filter((one) => one !== hostile);
      setTimeout(annoy, 10);
    });
  };
  annoy();
  return () => {
    ended = true;
    clearInterval(nag);
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
      moveOut = await moveIn(task);
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
