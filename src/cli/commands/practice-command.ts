import type { CommandRow } from '../command.ts';
import { endSignal } from '../end-signal.ts';
import { write } from '../streams.ts';

/** `hitline practice`: what `npm start` runs. */
export const practiceCommand: CommandRow = {
  name: 'practice',
  describe: 'Runs the practice system: a simulated switch, the gateway, a dispatch center, and the screen in front.',
  configure(command) {
    command
      .option('--headless', 'tell the three stories without a screen, one line of JSON a step')
      .option('--no-redis', 'run on the scheduler in process although a redis-server is on PATH')
      .addHelpText(
        'after',
        '\nEverything runs on loopback in a folder of its own, which is gone when it ends. Nothing real is contacted.' +
          '\nWith --headless it ends with 0 when every step happened, else with 70 and the reason on standard error.',
      );
  },
  async run({ options, streams }) {
    const redis = options['redis'] === false ? 'none' : 'auto';
    if (options['headless'] !== true) {
      // The screen takes a signal as its leave; while all is put away, more of the same must not end the process half-way.
      void endSignal();
      const { runPractice } = await import('../../practice/run-practice.ts');
      await runPractice({ redis });
      return 0;
    }
    const { tellStories, StoryFailed } = await import('../../practice/headless.ts');
    const told = tellStories({
      redis: { mode: redis },
      stop: endSignal(),
      print: (line) => void write(streams.stdout, `${line}\n`),
    });
    try {
      await told;
      return 0;
    } catch (error) {
      if (!(error instanceof StoryFailed)) throw error;
      await write(streams.stderr, `practice: ${error.message}\n`);
      return 70;
    }
  },
};
