import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { openDispatchCenter, urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { freePort } from '../../support/free-port.ts';
import { startProxy } from '../../support/proxy.ts';
import { Stage } from '../stage.ts';

/** A station that never saw our acknowledgement says it again to the next life of the gateway. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const script = { name: 'Sheriff', stations: [{ oris: ['CO0990100'] }], listeners: ['WY0990200'] };

test('killed between filing and acknowledging: what the station repeats is one held message, one case, and it is told so', async () => {
  const port = await freePort();
  const stage = await Stage.open({
    script,
    config: (input) => ({
      ...input,
      doors: { ...input.doors, station: { ...input.doors.station, port, link: { idleMs: 60_000 } } },
    }),
  });
  closers.push(() => stage.close());
  const line = await startProxy(port);
  closers.push(() => line.close());
  const call = async () => {
    const address = { host: '127.0.0.1', port: line.port };
    const onText = (text: string): void => void stage.stationReceived.push(text);
    const center = await openDispatchCenter({ address, clock: systemClock, onText });
    closers.push(() => center.close());
    return center;
  };
  const heldIds = async (): Promise<readonly string[]> =>
    (await (await stage.coj()).call('list', { box: 'held', limit: 50 })).rows.map((row) => row.id);
  const notices = (status: string) => stage.stationReceived.filter((text) => text.startsWith(`HITLINE.${status}\n`));

  // Its acknowledgement leaves the gateway and never arrives: to the station the gateway died before it.
  const first = await call();
  line.holdAnswers();
  const sent = first.send(urgentRequest);
  const [heldId] = await stage.happens('it is on file', async () => {
    const ids = await heldIds();
    return ids.length > 0 ? ids : undefined;
  });
  await stage.killGateway();
  line.cut();
  line.letPass();
  expect((await sent).type).toBe('lost');
  await stage.startGateway();

  const again = await call();
  expect((await stage.step(() => again.send(urgentRequest))).type).toBe('acked');
  await stage.happens('the station is told', () => (notices('DUPLICATE').length === 1 ? true : undefined));
  expect(await heldIds()).toEqual([heldId]);
  expect((await (await stage.coj()).call('cases', { open: true, limit: 50 })).rows).toHaveLength(1);
  expect(notices('DUPLICATE')[0]).toContain(`REFERENCE ${heldId}`);
  expect(notices('DUPLICATE')[0]).toContain('CONTROL *DISP000001');
  expect((await (await stage.coj()).call('alarms', {})).rows.map(({ code }) => code)).toContain('SENT_AGAIN');

  // Another request of the same words, under a control field of its own, is another request.
  const another = urgentRequest.replace('DISP000001', 'DISP000002');
  expect((await stage.step(() => again.send(another))).type).toBe('acked');
  await stage.happens('it is held beside the first', async () => ((await heldIds()).length === 2 ? true : undefined));
  await stage.stopGateway();
});
