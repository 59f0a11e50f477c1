/** The practice system with its screen in front: what `npm start` runs. */
import { systemClock } from '../host/clock.ts';
import { runTerminal } from '../terminal/run-terminal.ts';
import { routineRequest, urgentRequest } from './dispatch-center.ts';
import { type Practice, startPractice } from './practice.ts';
import { cojId, routineMs } from './world.ts';

/** How long after the start the dispatch center asks, so that a person has time to log on. */
const firstRequestMs = 6_000;
/** How long after our answer of the second story the third begins. */
const lastRequestMs = 8_000;

/** The lines of the practice log-on screen. */
function bannerOf(practice: Practice): readonly string[] {
  return [
    'PRACTICE - a simulated switch, a synthetic agency; nothing here is real.',
    ...practice.credentials.map((one) => `${one.role.padEnd(10)}  ${one.osn}   password  ${one.password}`),
    'A dispatch center sends an urgent YQ in a few seconds. Log on as the operator.',
  ];
}

/** Plays the dispatch center: an urgent request soon, a routine one once our own answer has left. */
function playDispatch(practice: Practice): () => void {
  const stops: (() => void)[] = [];
  const send = (text: string): void => {
    // A gateway that is closing refuses it, and there is nobody left to tell.
    practice.dispatch.send(text).catch(() => undefined);
  };
  stops.push(systemClock.after(firstRequestMs, () => send(urgentRequest)));
  practice.simulator
    .waitFor((event) => event.type === 'received' && event.text.startsWith('YR.'))
    .then(() => {
      stops.push(systemClock.after(lastRequestMs, () => send(routineRequest)));
    })
    .catch(() => undefined);
  return () => {
    for (const stop of stops) stop();
  };
}

/** Runs the practice system until the person leaves the screen; then ends every process and removes its folder. */
export async function runPractice(options: { readonly redis: 'auto' | 'none' }): Promise<void> {
  const practice = await startPractice({ confirmRoutineMs: routineMs.screen, redis: { mode: options.redis } });
  const stop = playDispatch(practice);
  try {
    await runTerminal({ url: practice.consoleUrl, consoleId: cojId, banner: bannerOf(practice) });
  } finally {
    stop();
    await practice.close();
  }
}
