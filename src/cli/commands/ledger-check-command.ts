import { HitlineError } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { decodeText } from '../json-input.ts';
import { readInput, writeJson } from '../streams.ts';

/** `hitline ledger check`: tests an export packet without the ledger it came from. */
export const ledgerCheckCommand: CommandRow = {
  name: 'ledger check',
  describe: 'Tests an export packet: every row, text, hash and the manifest; needs no ledger.',
  configure(command) {
    command
      .argument('[packet]', 'the packet; standard input without it or when it is -')
      .option('--key <file>', "the agency's public key (Ed25519, PEM), to test the signature with");
  },
  async run({ words, options, streams }) {
    const { createPublicKey } = await import('node:crypto');
    const { checkPacket } = await import('../../switch/ledger/keeping/packet.ts');
    const { readPacket } = await import('../../switch/ledger/keeping/read-packet.ts');
    const packet = readPacket(decodeText(await readInput(streams, words[0])));
    if (packet === undefined) throw new HitlineError('PACKET_BROKEN', { detail: 'It is not a packet.' });
    const file = options['key'];
    const key = typeof file === 'string' ? createPublicKey(await readInput(streams, file)) : undefined;
    const report = checkPacket(packet, key);
    await writeJson(streams.stdout, report);
    return report.ok ? 0 : 1;
  },
};
