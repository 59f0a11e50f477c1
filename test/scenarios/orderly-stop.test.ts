/** An orderly stop waits for what is on the line, and loses nothing of what is not. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { routineRequest, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { makeCredentials, makePracticeFolder, practiceInput } from '../../src/practice/world.ts';
import { startGatewayProcess } from './gateway-process.ts';
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

test('a second place that never answers does not keep the process that is told to end, which says so', async () => {
  const folder = await makePracticeFolder();
  const [operator, supervisor] = makeCredentials();
  if (operator === undefined || supervisor === undefined) throw new Error('no credentials');
  // Whoever opens a pipe into which nobody writes waits, as for a file on a machine that is gone.
  const secondPlaceFile = join(folder.path, 'heads');
  execFileSync('mkfifo', [secondPlaceFile]);
  const input = await practiceInput({
    folder: folder.path,
    simulatorPort: 1,
    credentials: [operator, supervisor],
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const configFile = join(folder.path, 'gateway.yaml');
  writeFileSync(configFile, JSON.stringify({ ...input, ledger: { ...input.ledger, secondPlaceFile } }));
  const { child } = await startGatewayProcess(configFile, join(folder.path, 'gateway.log'));
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  child.kill('SIGTERM');
  const ended = await once(child, 'close');
  expect({ ended, said }).toEqual({ ended: [null, 'SIGTERM'], said: expect.stringContaining('does not answer') });
  await folder.remove();
});
