import { HitlineError } from '../../faults/fault.ts';
import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';
import { given, timeOf } from './ledger-query.ts';

const kinds = ['case', 'message', 'operator', 'week'] as const;

/** `hitline ledger export`: a packet for a court or an auditor, which `ledger check` tests without the ledger. */
export const ledgerExportCommand: CommandRow = {
  name: 'ledger export',
  describe:
    "Writes a case, a message, an operator's messages and acts, or a week with texts, frames, timeline, chain proof and manifest into a new file.",
  configure(command) {
    deskOptions(command)
      .option('--case <id>', 'a case with its messages, clocks and alarms')
      .option('--message <id>', 'one message')
      .option(
        '--operator <osn>',
        'what this person sent or had a part in, his acts, looks and refusals, and his log-ons',
      )
      .option('--week <date>', 'the messages and cases of the seven days (UTC) from this date, such as 2026-11-16')
      .option(
        '--from <time>',
        'of an operator or a week: not before this time (ISO 8601, such as 2026-11-16T08:00:00Z)',
      )
      .option('--until <time>', 'of an operator or a week: before this time')
      .option(
        '--with-sealed',
        'put in what a court has sealed as well; for a custodian, whose packets name what is sealed in any case',
      )
      .requiredOption('--to <file>', 'the file of the packet, which is not there yet; it holds the texts in clear');
  },
  async run(call) {
    const { options, streams } = call;
    const [{ createDurableFile }, { existsSync }] = await Promise.all([
      import('../../host/durable-file.ts'),
      import('node:fs'),
    ]);
    const reason = reasonOf(call);
    const asked = kinds.filter((kind) => typeof options[kind] === 'string');
    const [what] = asked;
    if (what === undefined || asked.length > 1) {
      throw new UsageError('say one of --case, --message, --operator and --week');
    }
    const withSealed = options['withSealed'] === true ? { withSealed: true } : {};
    const times = { fromMs: timeOf(options['from'], '--from'), untilMs: timeOf(options['until'], '--until') };
    const about = { what, id: String(options[what]), ...withSealed, ...given(times) };
    const file = String(options['to']);
    if (existsSync(file)) throw new UsageError('--to takes a file that is not there yet');
    const made = await atDesk(call, async (client) => {
      const { packetId, partCount, ...said } = await client.call('export', { ...about, reason });
      const parts: Buffer[] = [];
      for (let part = 0; part < partCount; part += 1) {
        const { base64 } = await client.call('packetPart', { packetId, part });
        parts.push(Buffer.from(base64, 'base64'));
      }
      return { said, text: Buffer.concat(parts).toString('utf8') };
    });
    try {
      createDurableFile(file, made.text);
    } catch (cause) {
      throw new HitlineError('FILE_UNREADABLE', { detail: 'The packet could not be written.', cause });
    }
    await writeJson(streams.stdout, { ok: true, ...made.said });
    return 0;
  },
};
