import { HitlineError } from '../../faults/fault.ts';
import type { Config } from '../../switch/config.ts';
import type { LinkTap } from '../../wire/sockets/socket-link.ts';
import { type Call, type CommandRow, UsageError } from '../command.ts';
import { configFault } from '../config-faults.ts';
import { endSignal } from '../end-signal.ts';
import { write, writeJson } from '../streams.ts';
import type { TraceFile } from '../trace-file.ts';
import { endHeldUp, isHeldUp } from './held-up.ts';

/** `hitline gateway`: the gateway, until it is told to end. */
export const gatewayCommand: CommandRow = {
  name: 'gateway',
  describe: 'Runs the gateway between stations, consoles and the State switch.',
  configure(command) {
    command
      .requiredOption('--config <file>', 'its configuration (YAML); see docs/config.md')
      .option('--trace <file>', 'record a line in a new file (.trc) from the start, letters and digits masked')
      .option('--trace-of <name>', 'which: a station by its id, or upstream; the line to the switch when not given')
      .option('--check', 'only look at the configuration and the files it names, and say what is wrong with them')
      .addHelpText(
        'after',
        '\nPrints one line of JSON with its addresses when it is ready. SIGTERM or Ctrl-C ends it; SIGUSR2 makes it read its certificates again.',
      );
  },
  async run({ options, streams }) {
    const { readConfig } = await import('../../switch/config.ts');
    const read = readConfig(String(options['config']), { withFiles: true });
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
    const trace = await openTrace(options, config);
    const gateway = await startGateway(config, trace === undefined ? {} : { trace });
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
    if (await isHeldUp()) {
      await write(
        streams.stderr,
        'gateway: ended, all is filed; a file system does not answer, and is not waited for\n',
      );
      endHeldUp();
    }
    return 0;
  },
};

/** The recorder that was asked for. It masks what it writes, in practice too: nobody must have to wonder. */
async function openTrace(
  options: Call['options'],
  config: Config,
): Promise<{ readonly of: string; readonly tap: LinkTap; readonly file: TraceFile } | undefined> {
  const of = String(options['traceOf'] ?? 'upstream');
  const { upstream, doors } = config;
  const isKnown = of === 'upstream' || doors.station.stations.some(({ id }) => id === of);
  if (!isKnown) throw new UsageError('--trace-of is upstream or the id of a station');
  if (typeof options['trace'] !== 'string') {
    if (options['traceOf'] !== undefined) throw new UsageError('--trace-of needs --trace');
    return undefined;
  }
  const [{ openTraceFile }, { TraceRecorder }, { lineProfile }, { systemClock }] = await Promise.all([
    import('../trace-file.ts'),
    import('../../wire/trace/trace-recorder.ts'),
    import('../../switch/doors/line-profile.ts'),
    import('../../host/clock.ts'),
  ]);
  const file = await openTraceFile(options['trace']);
  const tap = new TraceRecorder({
    profile: lineProfile(of === 'upstream' ? upstream : doors.station),
    clock: systemClock,
    by: 'gateway',
    scrub: true,
    write: file.write,
  });
  return { of, tap, file };
}
