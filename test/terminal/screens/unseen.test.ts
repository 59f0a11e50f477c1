/** What a screen says while it cannot know, cannot show, or has more to say than a line holds. */
import { expect, test } from 'vitest';
import { Desk, refuses } from '../at-desk.ts';
import { storyStartMs } from '../story-gateway.ts';

const clock = {
  id: 'case-1',
  side: 'answer',
  nic: 'W990000001',
  peerOri: 'WY0990200',
  ownOri: 'CO0990100',
  priority: 'U',
  requestNumber: 1,
  phase: 'CLOCK RUNNING',
  status: 'open',
  overdue: false,
  createdAtMs: storyStartMs,
  startedAtMs: storyStartMs,
  dueAtMs: storyStartMs + 600_000,
  stoppedAtMs: null,
} as const;
const alarm = { id: 'a-1', atMs: storyStartMs, level: 'urgent', code: 'YQ_IN', text: 'They ask: 10 minutes.' } as const;

function busy(): Desk {
  return new Desk({ cases: () => ({ rows: [clock] }) as never, alarms: () => ({ rows: [alarm] }) as never }).logOn();
}

test('nobody logged on: the screen does not say that no clock runs and no alarm stands, since nobody tells it', () => {
  const desk = new Desk().up().status();
  expect(desk.text()).toContain('clocks not known');
  expect(desk.text()).toContain('alarms not known');
  desk.type('1001').press('enter').type('first').press('enter');
  expect(desk.text()).toContain('no clock runs');
  expect(desk.text()).toContain('no alarms');
});

test('a window that is too small still shows the next clock and the loudest alarm', () => {
  const text = busy()
    .take({ type: 'resize', size: { columns: 50, rows: 6 } })
    .text();
  expect(text).toContain('Keys are off: make this window 60 by 16 or more.');
  expect(text).toMatch(/WE OWE WY0990200 \d+:\d\d/);
  expect(text).toContain('They ask: 10 minutes.');
});

test('whoever is logged off by a lost link or another screen reads why, and no longer that he is logged on', () => {
  const desk = busy().take({
    type: 'link',
    link: { state: 'away', reason: 'Another screen took this console.', retryAtMs: null },
  });
  expect(desk.up().status().text()).toContain('! You were logged off: Another screen took this console.');
  expect(desk.text()).not.toContain('is logged on.');
});

test('a long sentence stands whole over the end of the body, and the next key takes it away', () => {
  const desk = busy().press('f8').type('YQ');
  const before = desk.text().split('\n');
  const faults = [{ code: 'X', text: 'Too many are found at once; ask for a shorter time, or by another thing too.' }];
  desk.answers = { ...desk.answers, search: () => refuses('A_CODE_THAT_STANDS_FOR_A_SENTENCE_OF_ITS_OWN', faults) };
  desk.take({ type: 'key', key: { name: 'f9' } });
  desk.model = { ...desk.model, said: { text: `${'A sentence goes on. '.repeat(6)}Its end.`, tone: 'bad' } };
  const lines = desk.text().split('\n');
  expect(lines).toHaveLength(before.length);
  expect(lines.join(' ')).toMatch(/! A sentence goes on\. [\s\S]* Its end\./);
  expect(lines.slice(-2)).toEqual(before.slice(-2));
  expect(desk.press('left').text()).not.toContain('Its end.');
});

test('a form that lies under a list is named there, so that nobody thinks it lost', () => {
  const desk = busy().press('f7', 'e', 'enter').type('SAMPLE, PAT').press('f5');
  expect(desk.text()).toContain('NEW EW: kept as it is. Esc goes back to it.');
  expect(busy().press('f5').text()).not.toContain('kept as it is');
});
