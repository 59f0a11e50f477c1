import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import type { LogFields } from '../../src/host/log.ts';
import { openDispatchCenter, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { seededRandom } from '../seeded-random.ts';
import { stopwatch } from '../support/held-up.ts';
import { Stage } from './stage.ts';

/** What a line can do to a running gateway: die without a word, stay away, talk nonsense, fall silent. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Heartbeats of the line to the switch, and of stations; a foxtalk-1 session agrees on whole seconds. */
const upstreamIdleMs = 500;
const stationIdleMs = 1_000;

interface Said extends LogFields {
  readonly atMs: number;
}

async function openHouse() {
  const said: Said[] = [];
  const say = (fields: LogFields): void => void said.push({ ...fields, atMs: performance.now() });
  const stage = await Stage.open({
    inside: true,
    ports: { log: { debug: say, info: say, warn: say, error: say } },
    simulator: { profile: 'dmpp-2020' },
    script: { name: 'Sheriff', stations: [{ oris: ['CO0990100'] }], listeners: ['WY0990200'] },
    config: (input) => ({
      ...input,
      upstream: {
        ...input.upstream,
        profile: 'dmpp-2020',
        link: { idleMs: upstreamIdleMs, ackTimeoutMs: upstreamIdleMs },
      },
      doors: { ...input.doors, station: { ...input.doors.station, link: { idleMs: stationIdleMs } } },
    }),
  });
  closers.push(() => stage.close());
  await stage.upstreamUp();
  await stage.dispatch();
  /** A line of the log that fits and came after the first `from`. */
  const logged = (fits: (line: Said) => boolean, from = 0) =>
    stage.happens('the log says it', () => said.slice(from).find(fits));
  return { stage, said, logged };
}

/** A connection to the station door that says what it is told to, and nothing else. */
async function callDoor(address: { readonly host: string; readonly port: number }): Promise<Socket> {
  const socket = connect(address);
  closers.push(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

const connectFrame = wireProfile('foxtalk-1').encode({
  type: 'connect',
  exchangeId: 1,
  terms: {
    major: 1,
    minor: 1,
    frameBytesMax: 65_000,
    maxIdleS: 0,
    defaultTimeoutS: 0,
    encryption: false,
    coding: 'NON',
    newline: 'LF',
  },
});

describe('the line to the switch', () => {
  test('dies without a word: that is noticed within two heartbeats, and every console hears of it', async () => {
    const { stage, said, logged } = await openHouse();
    const coj = await stage.coj();
    const from = said.length;
    const tookMs = stopwatch();
    stage.proxy.refuse();
    stage.proxy.holdAnswers();
    const down = await logged(({ code }) => code === 'UPSTREAM_DOWN', from);
    expect(down.reason).toBe('PEER_SILENT');
    // The rule itself is held to the millisecond in the session's laws.
    expect(tookMs(down.atMs)).toBeLessThan(2 * upstreamIdleMs + 500);
    await stage.upstreamIs('down');
    const alarm = await stage.happens('the alarm is up', async () =>
      (await coj.call('alarms', {})).rows.find(({ code }) => code === 'UPSTREAM_DOWN'),
    );
    expect(alarm.text).not.toBe('');
    stage.proxy.letPass();
    stage.proxy.accept();
    await stage.upstreamIs('up');
  });

  test('is away: a station is answered and an operator works as ever', async () => {
    const { stage } = await openHouse();
    const [coj, dispatch] = [await stage.coj(), await stage.dispatch()];
    stage.proxy.refuse();
    stage.proxy.cut();
    await stage.upstreamIs('down');
    expect((await dispatch.send(urgentRequest)).type).toBe('acked');
    const held = await stage.happens(
      'it is held',
      async () => (await coj.call('list', { box: 'held', limit: 5 })).rows[0],
    );
    await coj.call('accept', { id: held.id });
    expect((await coj.call('show', { id: held.id })).text).toContain('YQ');
    const late = await openDispatchCenter({ address: stage.gateway.stationAddress, clock: systemClock });
    closers.push(() => late.close());
    expect((await late.send(urgentRequest.replace('DISP000001', 'DISP000009'))).type).toBe('acked');
    expect((await coj.call('status', {})).upstream.state).toBe('down');
    stage.proxy.accept();
    await stage.upstreamIs('up');
  });
});

describe('a station', () => {
  test('that sends random bytes is closed, the log says why and where, and no other station feels it', async () => {
    const { stage, said, logged } = await openHouse();
    const dispatch = await stage.dispatch();
    const random = seededRandom(20_261_121);
    for (const opens of [false, true]) {
      const from = said.length;
      const hostile = await callDoor(stage.gateway.stationAddress);
      if (opens) {
        hostile.write(connectFrame);
        await logged(({ code }) => code === 'STATION_UP', from);
      }
      const closed = once(hostile, 'close');
      hostile.write(Buffer.from(Array.from({ length: 4_096 }, () => random.below(255))));
      await closed;
      const why = await logged(({ code }) => code.startsWith('FRAME_'), from);
      expect(why.link).toBeDefined();
      expect(why.offset).toBeGreaterThanOrEqual(opens ? connectFrame.length : 0);
      if (opens) {
        expect(await logged(({ code }) => code === 'STATION_DOWN', from)).toMatchObject({
          link: why.link,
          reason: why.code,
        });
      }
      const downs = said.slice(from).filter(({ code, link }) => code === 'STATION_DOWN' && link !== why.link);
      expect(downs).toEqual([]);
    }
    expect((await dispatch.send(urgentRequest)).type).toBe('acked');
  });

  test('whose link is open at one end only is closed after two heartbeats, and one that beats stays', async () => {
    const { stage, said, logged } = await openHouse();
    const dispatch = await stage.dispatch();
    const from = said.length;
    const tookMs = stopwatch();
    const silent = await callDoor(stage.gateway.stationAddress);
    silent.write(connectFrame);
    const up = await logged(({ code }) => code === 'STATION_UP', from);
    const down = await logged(({ code }) => code === 'STATION_DOWN', from);
    expect(down).toMatchObject({ link: up.link, reason: 'PEER_SILENT' });
    expect(down.atMs - up.atMs).toBeGreaterThan(2 * stationIdleMs - 200);
    expect(tookMs(down.atMs)).toBeLessThan(2 * stationIdleMs + 1_000);
    expect((await dispatch.send(urgentRequest)).type).toBe('acked');
  });
});
