import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';
import { given, limitOf, nameFrom, textOf, timeOf } from './ledger-query.ts';

const parties = ['name', 'requestor', 'recipient'] as const;

/** `hitline ledger iii`: the log of criminal-history requests, as a person logged on at the gateway. */
export const ledgerIiiCommand: CommandRow = {
  name: 'ledger iii',
  describe: 'Lists criminal-history requests (III) and what was passed on, one JSON object a line, the newest first.',
  configure(command) {
    deskOptions(command)
      .option('--operator <osn>', 'OSN of who asked or passed on')
      .option('--agency <ori>', 'ORI of the receiving agency')
      .option('--purpose <code>', 'purpose code, such as C')
      .option('--message <id>', 'the request')
      .option('--name', "by the subject's name: asked for at the terminal, else the first line of standard input")
      .option('--requestor', 'by who asked for it (the attention field): likewise')
      .option('--recipient', 'by who was given it afterwards: likewise')
      .option('--from <time>', 'not before this time (ISO 8601, such as 2026-11-02T00:00:00Z)')
      .option('--until <time>', 'before this time')
      .option('--limit <count>', 'at most so many', '100')
      .addHelpText('after', '\nThe look itself is filed under your name with its reason.');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const asked = parties.filter((one) => options[one] === true);
    const [party] = asked;
    if (asked.length > 1) throw new UsageError('say one of --name, --requestor and --recipient');
    const said = {
      operator: textOf(options['operator']),
      agency: textOf(options['agency']),
      purpose: textOf(options['purpose']),
      messageId: textOf(options['message']),
      fromMs: timeOf(options['from'], '--from'),
      untilMs: timeOf(options['until'], '--until'),
    };
    const person = party === undefined ? {} : { [party]: await nameFrom(streams, party) };
    const limit = limitOf(options['limit']);
    const { rows } = await atDesk(call, (client) =>
      client.call('iiiLog', { ...given(said), ...person, limit, reason }),
    );
    for (const row of rows) await writeJson(streams.stdout, row);
    return 0;
  },
};
