import { HitlineError } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { configFault } from '../config-faults.ts';
import { endSignal } from '../end-signal.ts';
import { write, writeJson } from '../streams.ts';

/** `hitline gateway`: the gateway, until it is told to end. */
export const gatewayCommand: CommandRow = {
  name: 'gateway',
  describe: 'Runs the gateway between stations, consoles and the State switch.',
  configure(command) {
    command
      .requiredOption('--config <file>', 'its configuration (YAML); see docs/config.md')
      .option('--check', 'only read the configuration and say what is wrong with it')
      .addHelpText(
        'after',
        '\nPrints one line of JSON with its addresses when it is ready. SIGTERM or Ctrl-C ends it.',
      );
  },
  async run({ options, streams }) {
    const { readConfig } = await import('../../switch/config.ts');
    const read = readConfig(String(options['config']));
    if (!read.ok) throw new HitlineError('CONFIG_INVALID', { faults: read.faults.map(configFault) });
    const { config } = read;
    if (options['check'] === true) {
      await writeJson(streams.stdout, { ok: true });
      return 0;
    }
    const { startGateway } = await import('../../switch/gateway.ts');
    const ended = endSignal();
    const gateway = await startGateway(config);
    await writeJson(streams.stdout, {
      type: 'ready',
      practice: config.practice,
      station: gateway.stationAddress,
      console: gateway.consoleAddress,
      scheduler: gateway.schedulerText,
    });
    await ended;
    await write(streams.stderr, 'gateway: ending; filing what is under way\n');
    await gateway.close();
    return 0;
  },
};
