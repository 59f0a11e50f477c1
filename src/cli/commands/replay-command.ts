import { HitlineError } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { UsageError } from '../command.ts';
import { declareLineOptions, readLineOptions } from '../line-options.ts';
import { readInput, write, writeJson } from '../streams.ts';

/** `hitline replay`: one side of a trace played against a door, frame by frame, and compared with what came then. */
export const replayCommand: CommandRow = {
  name: 'replay',
  describe:
    'Plays a trace (.trc) against a door and prints one JSON object per frame: sent, same, different or missing.',
  configure(command) {
    command.argument('[file]', 'the trace; standard input without it or when it is -');
    declareLineOptions(command);
    command
      .option('--side <in|out>', 'whose bytes are played, as the recording side saw them; in when not given')
      .option('--link <id>', 'the link of the trace; its first one when not given')
      .addHelpText('after', '\nExit code 0: everything came back as it did then; 1: it did not.');
  },
  async run(call) {
    const { options, streams } = call;
    const [{ parseTrace }, { replayTrace }] = await Promise.all([
      import('../../wire/trace/trace-format.ts'),
      import('../../wire/trace/replay.ts'),
    ]);
    const side = options['side'] ?? 'in';
    if (side !== 'in' && side !== 'out') throw new UsageError('--side is in or out');
    const parsed = parseTrace((await readInput(streams, call.words[0])).toString('latin1'));
    if (!parsed.ok) throw new HitlineError(parsed.faults[0]?.code ?? 'TRACE_LINE', { faults: parsed.faults });
    const { wireProfile } = await import('../../wire/profiles.ts');
    const line = await readLineOptions(call, wireProfile(parsed.trace.header.profile));
    const link = typeof options['link'] === 'string' ? { link: options['link'] } : {};
    const report = await replayTrace({ ...line, ...link, trace: parsed.trace, side });
    for (const step of report.steps) await writeJson(streams.stdout, step);
    const differing = report.steps.filter(({ what }) => what === 'different' || what === 'missing').length;
    await write(streams.stderr, `replay: ${report.steps.length} frames, ${differing} not as recorded\n`);
    return report.ok ? 0 : 1;
  },
};
