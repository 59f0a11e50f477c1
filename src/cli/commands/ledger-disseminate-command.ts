import type { Takes } from '../../console/contract.ts';
import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';
import { jsonFrom } from './ledger-query.ts';

const ways = ['hand', 'mail', 'fax', 'telephone', 'radio', 'electronic'] as const;

/** `hitline ledger disseminate`: enters that a criminal history was passed on to somebody outside. */
export const ledgerDisseminateCommand: CommandRow = {
  name: 'ledger disseminate',
  describe:
    'Enters to whom a criminal history was passed on (secondary dissemination), and prints the id of the entry.',
  configure(command) {
    deskOptions(command)
      .argument('<id>', 'the id of the request or of an answer to it')
      .requiredOption(
        '--recipient <file>',
        'JSON with `name`, `agency` and perhaps `ori` of the recipient; - for standard input. Names are no arguments.',
      )
      .requiredOption('--how <way>', `one of ${ways.join(', ')}`)
      .requiredOption('--purpose <code>', 'purpose code, such as C')
      .requiredOption('--basis <text>', 'the law or agreement that allows it')
      .requiredOption('--verified <text>', 'how the recipient was known to be who he said')
      .option('--pages <count>', 'how many pages');
  },
  async run(call) {
    const { options, streams, words } = call;
    const reason = reasonOf(call);
    const how = ways.find((one) => one === options['how']);
    if (how === undefined) throw new UsageError(`--how takes one of ${ways.join(', ')}`);
    const pages = options['pages'] === undefined ? undefined : Number(options['pages']);
    if (pages !== undefined && !Number.isInteger(pages)) throw new UsageError('--pages takes a whole number');
    const recipient = (await jsonFrom(streams, String(options['recipient']))) as Takes<'disseminate'>['recipient'];
    const entry = {
      messageId: words[0] ?? '',
      recipient,
      how,
      purpose: String(options['purpose']),
      basis: String(options['basis']),
      verifiedBy: String(options['verified']),
      reason,
      ...(pages === undefined ? {} : { pages }),
    };
    const made = await atDesk(call, (client) => client.call('disseminate', entry));
    await writeJson(streams.stdout, { ok: true, ...made });
    return 0;
  },
};
