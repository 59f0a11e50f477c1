import { join } from 'node:path';
import type { Simulator, SimulatorOptions } from '../../simulator/simulator.ts';
import type { TextCoding } from '../../wire/charsets/charset.ts';
import { readAddress } from '../address.ts';
import type { Call, CommandRow, ExitCode } from '../command.ts';
import { UsageError } from '../command.ts';
import { endSignal } from '../end-signal.ts';
import { declareCertificateOptions, readDoorTls } from '../line-options.ts';
import { declareProfileOptions, readProfileOptions, readQuirks } from '../profile-options.ts';
import { type Streams, write, writeJson } from '../streams.ts';
import { openTraceFile, type TraceFile } from '../trace-file.ts';

/** The hot files of practice data that come with hitline. */
const ourHotFiles = join(import.meta.dirname, '../../../fixtures/hot-files');

/** Events kept for a reader of standard output that is slower than the switch. */
const keptEventsMax = 10_000;

/** `hitline simulate`: a pretend CJIS switch, one JSON line per event, until it is told to end. */
export const simulateCommand: CommandRow = {
  name: 'simulate',
  describe: 'Runs a simulated CJIS switch and prints what happens on its links, one JSON object per line.',
  configure(command) {
    command.requiredOption('--listen <host:port>', 'where clients connect; port 0 takes a free one');
    declareProfileOptions(command);
    declareCertificateOptions(command);
    command
      .option('--tls-authority <file>', 'let only clients in whose certificate this authority signed (PEM)')
      .option('--inside-vpn', 'the network is a VPN: without TLS it may listen beyond loopback')
      .option(
        '--charset <charset>',
        'the code page of the texts, such as cp037; bytes are taken as they are without it',
      )
      .option('--line-end <LF|CR|CRLF|NEL>', 'how a line of text ends on the wire; as it is without it')
      .option('--script <file>', 'what the switch and the other agencies do (YAML); plain answers without it')
      .option('--hot-files <folder>', 'its records (YAML); the synthetic ones that come with hitline without it')
      .option('--save <folder>', 'keep its records here when it ends; --hot-files takes them from here again')
      .option('--seed <number>', "in place of the script's seed")
      .option('--strict', 'name every mistake a client makes on the line, and end with exit code 1 when there was one')
      .option('--trace <file>', 'record every byte of its links in a new file (.trc) for hitline replay')
      .option('--texts', 'print the texts of the messages too, not only their sizes')
      .addHelpText('after', '\nThe first line is {"type":"listening","host":…,"port":…}. SIGTERM or Ctrl-C ends it.');
  },
  async run(call) {
    const { options, streams } = call;
    const trace = typeof options['trace'] === 'string' ? await openTraceFile(options['trace']) : undefined;
    const simulator = await start(call, trace);
    const ended = endSignal();
    await writeJson(streams.stdout, { type: 'listening', ...simulator.address });
    const printed = printEvents(simulator, { streams, texts: options['texts'] === true });
    await ended;
    await simulator.close();
    await trace?.close();
    const mistakeCount = await printed;
    if (typeof options['save'] === 'string') {
      const { saveHotFiles } = await import('../../simulator/records/save-hot-files.ts');
      await saveHotFiles(options['save'], simulator.files);
    }
    await write(streams.stderr, `simulate: ended; ${mistakeCount} mistakes on the line\n`);
    const code: ExitCode = options['strict'] === true && mistakeCount > 0 ? 1 : 0;
    return code;
  },
};

async function start(call: Call, trace: TraceFile | undefined): Promise<Simulator> {
  const { options } = call;
  const address = readAddress('--listen', String(options['listen']));
  const [{ startSimulator }, { loadScript }, { loadHotFiles }, { systemClock }, { TraceRecorder }] = await Promise.all([
    import('../../simulator/simulator.ts'),
    import('../../simulator/script.ts'),
    import('../../simulator/records/load-hot-files.ts'),
    import('../../host/clock.ts'),
    import('../../wire/trace/trace-recorder.ts'),
  ]);
  const profile = await readProfileOptions(call);
  const coding = await readCoding(call);
  const tls = await readDoorTls(call);
  const seed = options['seed'] === undefined ? undefined : Number(options['seed']);
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff)) {
    throw new UsageError('--seed is a whole number from 0 to 4294967295');
  }
  // Its records and people are synthetic, so its trace holds everything.
  const recorder = ({ write: toFile }: TraceFile) =>
    new TraceRecorder({
      profile,
      clock: systemClock,
      by: 'simulator',
      scrub: false,
      write: toFile,
    });
  const given: SimulatorOptions = {
    ...address,
    profile: profile.name,
    quirks: await readQuirks(call),
    clock: systemClock,
    eventsMax: keptEventsMax,
    strict: options['strict'] === true,
    files: await loadHotFiles(typeof options['hotFiles'] === 'string' ? options['hotFiles'] : ourHotFiles),
    ...(typeof options['script'] === 'string' ? { script: await loadScript(options['script']) } : {}),
    ...(seed === undefined ? {} : { seed }),
    ...(coding === undefined ? {} : { coding }),
    ...(tls === undefined ? {} : { tls }),
    insideVpn: options['insideVpn'] === true,
    ...(trace === undefined ? {} : { trace: recorder(trace) }),
  };
  return startSimulator(given);
}

/** The code page and line ends of the texts; nothing when neither is given. */
async function readCoding({ options }: Call): Promise<TextCoding | undefined> {
  const { charset, lineEnd } = options;
  if (charset === undefined && lineEnd === undefined) return undefined;
  const { isCharsetName, isLineEnd, charsetNames, lineEndNames } = await import('../../wire/charsets/charset.ts');
  const name = String(charset ?? 'latin1');
  if (!isCharsetName(name)) throw new UsageError(`--charset is one of ${charsetNames.join(', ')}`);
  if (lineEnd === undefined) return { charset: name };
  if (!isLineEnd(lineEnd)) throw new UsageError(`--line-end is one of ${lineEndNames.join(', ')}`);
  return { charset: name, lineEnd };
}

/** Prints each event as it comes, until the switch closes; gives the number of mistakes clients made. */
async function printEvents(simulator: Simulator, to: { streams: Streams; texts: boolean }): Promise<number> {
  let lastSeq = 0;
  let mistakeCount = 0;
  for (;;) {
    const event = await simulator.waitFor((one) => one.seq > lastSeq).catch(() => undefined);
    if (event === undefined) return mistakeCount;
    if (event.seq > lastSeq + 1) {
      await writeJson(to.streams.stdout, { type: 'skipped', count: event.seq - lastSeq - 1 });
    }
    lastSeq = event.seq;
    if (event.type === 'mistake' && event.tolerated !== true) mistakeCount += 1;
    const bare = 'text' in event && !to.texts ? { ...event, text: undefined, characters: event.text.length } : event;
    await writeJson(to.streams.stdout, bare);
  }
}
