import { HitlineError } from '../../faults/fault.ts';
import type { Config } from '../../switch/config.ts';
import type { TraceRecorder } from '../../wire/trace/trace-recorder.ts';
import type { CommandRow } from '../command.ts';
import { configFault } from '../config-faults.ts';
import { endSignal } from '../end-signal.ts';
import { write, writeJson } from '../streams.ts';
import type { TraceFile } from '../trace-file.ts';

/** `hitline gateway`: the gateway, until it is told to end. */
export const gatewayCommand: CommandRow = {
  name: 'gateway',
  describe: 'Runs the gateway between stations, consoles and the State switch.',
  configure(command) {
    command
      .requiredOption('--config <file>', 'its configuration (YAML); see docs/config.md')
      .option('--trace <file>', 'record the line to the switch in a new file (.trc), letters and digits masked')
      .option('--check', 'only read the configuration and say what is wrong with it')
      .addHelpText(
        'after',
        '\nPrints one line of JSON with its addresses when it is ready. SIGTERM or Ctrl-C ends it; SIGUSR2 makes it read its certificates again.',
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
    // Whoever sends it to a gateway without certificates must not end it, as the system would.
    process.on('SIGUSR2', () => undefined);
    const trace = typeof options['trace'] === 'string' ? await openUpstreamTrace(options['trace'], config) : undefined;
    const gateway = await startGateway(config, trace === undefined ? {} : { upstreamTrace: trace.recorder });
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
    await trace?.file.close();
    return 0;
  },
};

/** The recorder of the line to the switch. It masks what it writes, in practice too: nobody must have to wonder. */
async function openUpstreamTrace(name: string, config: Config): Promise<{ recorder: TraceRecorder; file: TraceFile }> {
  const [{ openTraceFile }, { TraceRecorder }, { lineProfile }, { systemClock }] = await Promise.all([
    import('../trace-file.ts'),
    import('../../wire/trace/trace-recorder.ts'),
    import('../../switch/doors/line-profile.ts'),
    import('../../host/clock.ts'),
  ]);
  const file = await openTraceFile(name);
  const options = {
    profile: lineProfile(config.upstream),
    clock: systemClock,
    by: 'gateway',
    scrub: true,
    write: file.write,
  } as const;
  return { recorder: new TraceRecorder(options), file };
}
