/** An orderly stop waits for what is on the line, and loses nothing of what is not. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { routineRequest, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test('a message whose acknowledgement comes during the stop is acknowledged, not in doubt, and a held one is held', async () => {
  stage = await Stage.open({ script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] } });
  await stage.upstreamUp();
  const sent = await stage.requestHeld(urgentRequest);
  const held = await stage.requestHeld(routineRequest);
  stage.proxy.holdAnswers();
  await stage.acceptAndRelease(sent.id);
  await stage.happens('the switch has it', () => (stage?.receivedCount(sent.id) === 1 ? true : undefined));
  expect((await stage.message(sent.id, () => true)).status).toBe('SENT');
  const letGo = systemClock.after(300, () => stage?.proxy.letPass());
  await stage.stopGateway();
  letGo();
  await stage.startGateway();
  expect((await stage.message(sent.id, (view) => view.status !== 'SENT')).status).toBe('ACKED');
  expect((await stage.message(held.id, () => true)).status).toBe('HELD');
  expect(stage.receivedCount(sent.id)).toBe(1);
  await stage.stopGateway();
});
