import { describe, expect, test } from 'vitest';
import { Desk, refuses } from './at-desk.ts';
import { heldYq, storyStartMs } from './story-gateway.ts';

function heldDesk(more: Parameters<typeof heldYq>[0] = {}): Desk {
  return new Desk({
    list: ({ box }) => ({ rows: box === 'held' ? [heldYq(more)] : [] }),
    show: () => heldYq(more),
  }).logOn();
}

describe('news', () => {
  test('of how the gateway stands is fetched before anybody has logged on, and nothing else is', () => {
    const desk = new Desk({}).up().status();
    desk.calls.length = 0;
    desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'status' } } }).wait(1_000);
    desk.take({ type: 'said', notification: { name: 'resync', says: {} } }).wait(1_000);
    expect(new Set(desk.calls.map((call) => call.method))).toEqual(new Set(['status']));
  });

  test('a burst of news fetches each thing at most twice a second, and the last news is never missed', () => {
    const desk = heldDesk();
    desk.calls.length = 0;
    const news = (): Desk =>
      desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'message', id: 'msg-1' } } });
    for (let ms = 0; ms < 2_000; ms += 10) news().wait(10);
    expect(desk.called('list').length).toBeLessThanOrEqual(3 * 5);
    const before = desk.called('list').length;
    news().wait(499);
    desk.wait(500);
    expect(desk.called('list').length).toBeGreaterThan(before);
    expect(desk.model.stale).toEqual([]);
  });

  test('news that comes while a thing is being fetched fetches it once more', () => {
    const desk = heldDesk().wait(1_000);
    desk.answers = {};
    desk.calls.length = 0;
    for (let count = 0; count < 9; count += 1) {
      desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'message', id: 'msg-1' } } }).wait(600);
    }
    expect(desk.called('list')).toHaveLength(3);
    desk.take({ type: 'answered', token: desk.called('list')[0]?.token ?? 0, gives: { rows: [] } });
    expect(desk.called('list')).toHaveLength(4);
  });

  test('a fetch refused for being one too many is made again later', () => {
    const desk = heldDesk().wait(1_000);
    desk.answers = { ...desk.answers, list: () => refuses('TOO_MANY_CALLS') };
    desk.press('f2');
    expect(desk.text()).not.toContain('TOO_MANY_CALLS');
    desk.calls.length = 0;
    desk.wait(1_000);
    expect(desk.called('list').length).toBeGreaterThan(0);
  });

  test('the mark stays on its message when a new one comes above it', () => {
    const desk = heldDesk();
    const other = heldYq({ id: 'msg-0', peerOri: 'WY0990000' });
    desk.answers = { ...desk.answers, list: () => ({ rows: [other, heldYq()] }) };
    desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'message' } } });
    expect(
      desk
        .press('a')
        .called('accept')
        .map((call) => call.params),
    ).toEqual([{ id: 'msg-1' }]);
  });

  test('an urgent alarm rings at once and again every 15 s until it was looked at, and stands until it is silenced', () => {
    const alarm = { id: 'a1', level: 'urgent', code: 'HELD', text: 'Look.', atMs: storyStartMs } as const;
    const desk = heldDesk();
    desk.answers = { ...desk.answers, alarms: () => ({ rows: [alarm] }) };
    const bells = (): number => desk.effects.filter((effect) => effect.type === 'bell').length;
    desk.take({ type: 'said', notification: { name: 'alarm', says: alarm } }).wait(1);
    expect(bells()).toBe(1);
    desk.wait(15_000).wait(14_999);
    expect(bells()).toBe(2);
    desk.wait(1);
    expect(bells()).toBe(3);
    desk.wait(15_000).press('f6').wait(60_000);
    expect(bells()).toBe(4);
    desk.answers = { ...desk.answers, alarms: () => ({ rows: [] }), silence: () => ({ status: 'SILENCED' }) };
    desk.press('i');
    expect(desk.called('silence')).toHaveLength(1);
    expect(desk.text()).toContain('no alarms');
  });

  test('the status is asked for every ten seconds', () => {
    const desk = heldDesk();
    desk.calls.length = 0;
    desk.wait(9_999);
    expect(desk.called('status')).toHaveLength(0);
    desk.wait(1);
    expect(desk.called('status')).toHaveLength(1);
  });

  test('a log-on the gateway has ended leads back to the log-on within ten seconds, with nothing left to read', () => {
    const desk = heldDesk().press('enter');
    desk.answers = { ...desk.answers, alarms: () => refuses('NOT_LOGGED_ON') };
    expect(desk.text()).toContain('SAMPLE, PAT');
    desk.wait(10_000);
    expect(desk.text()).toContain('LOG ON');
    expect(desk.text()).toContain('The gateway has logged you off');
    expect(desk.text()).not.toContain('SAMPLE, PAT');
  });
});

describe('leaving', () => {
  test.each([['f10'], ['C-c']])('%s twice leaves; once, or with another key between, does not', (key) => {
    const left = (desk: Desk): boolean => desk.effects.some((effect) => effect.type === 'leave');
    expect(left(heldDesk().press(key))).toBe(false);
    expect(left(heldDesk().press(key, 'down', key))).toBe(false);
    expect(left(heldDesk().press(key).wait(3_001).press(key))).toBe(false);
    expect(left(heldDesk().press(key, key))).toBe(true);
    expect(left(new Desk().up().press(key, key))).toBe(true);
  });

  test('logging off clears what the person saw', () => {
    const desk = heldDesk();
    desk.answers = { ...desk.answers, logoff: () => ({}) };
    desk.press('enter', 'f12', 'f12');
    expect(desk.text()).toContain('NOBODY LOGGED ON');
    expect(JSON.stringify([desk.model.messages, desk.model.held, desk.model.stack])).not.toContain('SAMPLE');
  });
});
