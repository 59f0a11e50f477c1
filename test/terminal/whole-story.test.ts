import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { routineRequest, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { type Practice, startPractice } from '../../src/practice/practice.ts';
import { cojId } from '../../src/practice/world.ts';
import { LawWatch } from '../scenarios/laws/law-watch.ts';
import { openScreen, type TestScreen } from './screen.ts';

const program = join(import.meta.dirname, 'terminal-program.ts');
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Desk {
  readonly practice: Practice;
  readonly screen: TestScreen;
  readonly operator: { readonly osn: string; readonly password: string };
  readonly supervisor: { readonly osn: string; readonly password: string };
}

/** The same screen; whatever is waited for on it is a step, and every law holds after it. */
function lawful(screen: TestScreen, practice: Practice): TestScreen {
  const laws = new LawWatch({
    folder: practice.folder,
    events: () => practice.simulator.events,
    stationReceived: practice.dispatch.received,
    secrets: practice.credentials.map((one) => one.password),
  });
  return {
    ...screen,
    waitFor: async (wanted) => {
      const text = await screen.waitFor(wanted);
      await laws.check();
      return text;
    },
  };
}

async function sitDown(): Promise<Desk> {
  const practice = await startPractice({ confirmRoutineMs: 3_000, redis: { mode: 'none' }, pace: 0.2 });
  open.push(() => practice.close());
  const [operator, supervisor] = practice.credentials;
  if (operator === undefined || supervisor === undefined) throw new Error('practice made no credentials');
  const words = ['--disable-warning=ExperimentalWarning', program, practice.consoleUrl, cojId];
  const opened = openScreen({ command: process.execPath, words });
  open.push(() => opened.kill('SIGKILL'));
  const screen = lawful(opened, practice);
  await screen.waitFor('SWITCH up');
  screen.type(operator.osn);
  screen.press('tab');
  screen.type(operator.password);
  screen.press('f9');
  await screen.waitFor('is logged on.');
  return { practice, screen, operator, supervisor };
}

/** From the open message: the operator accepts, the supervisor reads to the end and releases over the shoulder. */
async function acceptAndRelease({ screen, operator, supervisor }: Desk): Promise<void> {
  await screen.waitFor('THE EXACT TEXT THAT WILL LEAVE');
  screen.press('a');
  await screen.waitFor(`accepted by ${operator.osn}`);
  screen.press('r');
  await screen.waitFor('RELEASE – the supervisor reads to the end');
  screen.press('pagedown', 'pagedown', 'pagedown', 'pagedown');
  await screen.waitFor('READ TO THE END');
  screen.type(supervisor.osn);
  screen.press('tab');
  screen.type(supervisor.password);
  await screen.waitFor('(typed, not shown)');
  screen.press('f9');
  await screen.waitFor('RELEASED');
}

async function askAndAccept(desk: Desk): Promise<void> {
  const { screen, practice } = desk;
  expect((await practice.dispatch.send(urgentRequest)).type).toBe('acked');
  await screen.waitFor(/> .*WY0990200 YQ {3}URGENT {2}HELD/);
  screen.press('enter');
  await acceptAndRelease(desk);
  await screen.waitFor(/URGENT – (ACKED|ANSWERED)/);
  await screen.waitFor(/THEY OWE WY0990200 (10:00|9:\d\d)/);
  screen.press('c');
  await screen.waitFor('PROPOSED    CONFIRMED');
  screen.press('2');
  await screen.waitFor('THE EXACT TEXT AS IT CAME');
  screen.press('escape');
  await screen.waitFor('PROPOSED    CONFIRMED');
  screen.press('p');
  await screen.waitFor('stopped as of');
}

async function checkAndAnswer(desk: Desk): Promise<void> {
  const { screen, practice } = desk;
  await screen.waitFor('WE OWE WY0990200');
  await screen.waitFor('URGENT hit confirmation request received');
  screen.press('f5');
  await screen.waitFor(/> .*WY0990200 .*THEY/);
  screen.press('enter');
  await screen.waitFor('Not recorded yet');
  screen.press('y', 'right', 'f9');
  await screen.waitFor('A confirmation can be drafted only after the source document was checked');
  screen.press('f5');
  await screen.waitFor('kept as it is. Esc goes back to it.');
  screen.press('enter');
  await screen.waitFor('Not recorded yet');
  screen.press('s');
  await screen.waitFor('SOURCE CHECK – the document itself');
  screen.type('PRW0001');
  screen.press('tab', 'tab', 'tab', 'y', 'tab', 'y', 'tab');
  screen.type('FULL EXTRADITION');
  screen.press('f9');
  await screen.waitFor('Source check recorded');
  screen.press('y', 'right', 'f9');
  await screen.waitFor('YR to WY0990200');
  await acceptAndRelease(desk);
  await screen.waitFor(/YR to WY0990200 – .*ACKED/);
  screen.press('c');
  await screen.waitFor('ANSWERED – CONFIRMED');
  expect(practice.simulator.events.filter((one) => one.type === 'received' && one.text.startsWith('YR.'))).toHaveLength(
    1,
  );
}

async function askAndLapse(desk: Desk): Promise<void> {
  const { screen, practice } = desk;
  expect((await practice.dispatch.send(routineRequest)).type).toBe('acked');
  screen.press('f3');
  await screen.waitFor(/> .*WY0990300 YQ {3}routine HELD/);
  screen.press('enter');
  await acceptAndRelease(desk);
  await screen.waitFor('THEY OWE WY0990300 OVERDUE');
  const sentBefore = practice.simulator.events.filter((one) => one.type === 'received').length;
  screen.press('f3');
  await screen.waitFor(/> .*WY0990300 YQ {3}routine HELD {9}system/);
  screen.press('enter');
  await screen.waitFor('RNO/2');
  expect(practice.simulator.events.filter((one) => one.type === 'received')).toHaveLength(sentBefore);
}

async function lookUp({ screen }: Desk): Promise<void> {
  screen.press('f8');
  screen.type('YQ');
  screen.press('f9');
  await screen.waitFor('4 messages found.');
}

test('all three stories by real keys at a real terminal, against the real gateway and the simulated switch', async () => {
  const desk = await sitDown();
  await askAndAccept(desk);
  await checkAndAnswer(desk);
  await askAndLapse(desk);
  await lookUp(desk);
  desk.screen.press('f10', 'f10');
  expect((await desk.screen.ended).code).toBe(0);
  expect(desk.screen.isFullScreen()).toBe(false);
});
