/**
 * The line against bare sockets (the aims: 50 foxtalk-1 links with one in flight at least 70 % of a bare length-prefixed
 * echo, one dmpp-2020 link with a window of 32 at least 40 %, bad neighbours at most 1.2 times the median latency,
 * an idle link at most 16 KiB above a bare socket).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/host/clock.ts';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { type LinkDoor, listenLinks } from '../../src/wire/sockets/listen.ts';
import type { Bench } from './rounds.ts';
import type { PeerResult, PeerTask } from './wire-peer.ts';

const payload = Buffer.from('1N01COJ10000001.QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101.'.padEnd(200, 'X'));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The peer's thread. */
class Peer {
  readonly #worker = new Worker(new URL('./wire-peer.ts', import.meta.url));

  async do(task: PeerTask): Promise<number> {
    this.#worker.postMessage(task);
    const [result] = (await once(this.#worker, 'message')) as [PeerResult];
    return result.figure;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** What the peer must know to speak to a door of this profile. */
function tongue(profile: WireProfile) {
  const terms = {
    major: 1,
    minor: 1,
    frameBytesMax: 65_000,
    maxIdleS: 0,
    defaultTimeoutS: 0,
    encryption: false,
    coding: 'NON',
    newline: 'LF',
  } as const;
  return {
    request: profile.encode({ type: 'data', exchangeId: 7, final: true, payload }),
    answerBytes: profile.encode({ type: 'ack', exchangeId: 7 }).length,
    ...(profile.rules.negotiates
      ? { greeting: profile.encode({ type: 'connect', exchangeId: 1, terms }), greetingAnswerBytes: 36 }
      : {}),
  };
}

/**
 * The same payload under ids that count upwards, as a client's do: one id for all would make every message a repeat of
 * the one before. There are more than a door remembers.
 */
const requestsOf = (profile: WireProfile) =>
  Array.from({ length: 1_024 }, (_, index) =>
    profile.encode({ type: 'data', exchangeId: index + 1, final: true, payload }),
  );

function openDoor(profile: WireProfile): Promise<LinkDoor> {
  return listenLinks({
    host: '127.0.0.1',
    port: 0,
    profile,
    clock: systemClock,
    linksMax: 5_000,
    settings: { window: 32 },
    events: { onMessage: (_link, incoming) => incoming.acknowledge() },
  });
}

interface Echo {
  readonly port: number;
  close(): Promise<void>;
}

/** The baseline: a u32 length in front, the same bytes back, all that came in one chunk in one write. */
async function openEcho(): Promise<Echo> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let rest: Buffer | undefined;
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      const frames: Buffer[] = [];
      let at = 0;
      while (bytes.length - at >= 4) {
        const total = 4 + bytes.readUInt32BE(at);
        if (bytes.length - at < total) break;
        frames.push(bytes.subarray(at, at + total));
        at += total;
      }
      rest = at === bytes.length ? undefined : bytes.subarray(at);
      if (frames.length > 0) socket.write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const echoTongue = () => {
  const request = Buffer.alloc(4 + payload.length);
  request.writeUInt32BE(payload.length, 0);
  payload.copy(request, 4);
  return { request, answerBytes: request.length };
};

/** Bytes of the JavaScript heap and of buffers outside it. */
function heldBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function floods(bench: Bench, peer: Peer): Promise<void> {
  const cases = [
    { name: 'foxtalk-1, 50 links, 1 in flight', profile: 'foxtalk-1', links: 50, depth: 1, count: 30_000, aim: 0.7 },
    { name: 'dmpp-2020, 1 link, window 32', profile: 'dmpp-2020', links: 1, depth: 32, count: 200_000, aim: 0.4 },
  ];
  for (const one of cases) {
    const profile = wireProfile(one.profile);
    const requests = requestsOf(profile);
    const door = await openDoor(profile);
    const echo = await openEcho();
    const count = bench.short ? 5_000 : one.count;
    const load = { kind: 'flood', links: one.links, depth: one.depth, count } as const;
    const line = await bench.compare({
      case: one.name,
      unit: 'exchanges/s',
      // Many short turns: on a machine that others share, a long one only measures their work.
      runs: 15,
      ours: () => peer.do({ ...load, ...tongue(profile), requests, port: door.address.port }),
      baseline: () => peer.do({ ...load, ...echoTongue(), port: echo.port }),
    });
    bench.note(`${one.name}: ${(100 * line.ratio).toFixed(0)} % of the bare echo (aim: at least ${100 * one.aim} %)`);
    await door.close();
    await echo.close();
  }
}

async function neighbours(bench: Bench, peer: Peer): Promise<void> {
  const bad = new Peer();
  const profile = wireProfile('foxtalk-1');
  const door = await openDoor(profile);
  const load = { kind: 'pace', paceMs: 100, roundCount: 4, ...tongue(profile) } as const;
  const { port } = door.address;
  const line = await bench.compare({
    case: '200 links beside one slow, one frozen, one hostile: median of the others, baseline without them',
    unit: 'ms',
    runs: 31,
    ours: async () => {
      await bad.do({ kind: 'annoy', ...tongue(profile), port });
      const median = await peer.do({ ...load, port, links: 197 });
      await bad.do({ kind: 'let-go' });
      return median;
    },
    baseline: () => peer.do({ ...load, port, links: 197 }),
  });
  bench.note(`bad neighbours: ${line.ratio.toFixed(2)} times the median without them (aim: at most 1.2)`);
  await bad.end();
  await door.close();
}

async function idleMemory(bench: Bench, peer: Peer): Promise<void> {
  const links = bench.short ? 200 : 1_000;
  const measure = async (open: () => Promise<{ port: number; close(): Promise<void> }>, words: object) => {
    const server = await open();
    const before = heldBytes();
    await peer.do({ kind: 'idle', links, request: payload, answerBytes: 1, ...words, port: server.port });
    const perLink = (heldBytes() - before) / links / 1024;
    await peer.do({ kind: 'let-go' });
    await server.close();
    return perLink;
  };
  const profile = wireProfile('foxtalk-1');
  const openOurs = async () => {
    const door = await openDoor(profile);
    return { port: door.address.port, close: () => door.close() };
  };
  const line = await bench.compare({
    case: 'memory of an idle plain link (heap and buffers), baseline a bare socket',
    unit: 'KiB',
    ours: () => measure(openOurs, tongue(profile)),
    baseline: () => measure(openEcho, {}),
  });
  bench.note(`an idle link holds ${(line.value - line.baseline).toFixed(1)} KiB above a bare socket (aim: at most 16)`);
}

export async function run(bench: Bench): Promise<void> {
  const peer = new Peer();
  await floods(bench, peer);
  await neighbours(bench, peer);
  await idleMemory(bench, peer);
  await peer.end();
}
