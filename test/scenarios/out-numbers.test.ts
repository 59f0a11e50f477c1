import { afterEach, expect, test } from 'vitest';
import { Stage } from './stage.ts';

const ori = 'CO0990100';
const notice = (text: string) => ({ nlets: { from: 'WY0990200', to: [ori], key: 'AM', text } });

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test('numbers that the switch left out are an alarm on every screen, and stand at the message after them', async () => {
  stage = await Stage.open({
    script: {
      name: 'Counting',
      trailer: true,
      stations: [{ oris: [ori] }],
      moments: [
        { when: 'opened', send: [notice('FIRST')] },
        { when: 'opened', afterMs: 50, send: [{ gap: { to: ori, by: 3 } }, notice('SECOND')] },
      ],
    },
  });
  await stage.upstreamUp();
  const coj = await stage.coj();
  const alarm = await stage.happens('the gap is alarmed', async () =>
    (await coj.call('alarms', {})).rows.find((row) => row.code === 'OUT_GAP'),
  );
  expect(alarm.text).toMatch(new RegExp(`Station: ${ori}\\.$`));
  const after = await coj.call('show', { id: alarm.messageId ?? '' });
  expect(after.text).toContain('SECOND');
  expect(after.timeline[0]?.note).toBe(`SWITCH NUMBERS TO ${ori} LEFT OUT BEFORE IT: 2 TO 4`);
  await stage.stopGateway();
});
