/** A process that appends as fast as it can and prints each receipted id, until it is killed. Words: FOLDER HEADS PREFIX. */
import { openLedger } from '../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { messageEntry, unitOf } from '../../conformance/ledger.ts';

const [folder = '', headsFile = '', prefix = ''] = process.argv.slice(2);
const ledger = await openLedger({ folder, headsFile, writer: 'gw1', masterKey: new Uint8Array(32).fill(7) });
process.stdout.write('open\n');
let count = 0;
async function burst(): Promise<never> {
  for (;;) {
    count += 1;
    const id = `${prefix}-${count}`;
    const receipts = await ledger.append([
      unitOf(messageEntry(id), messageEntry(id, { version: 2, type: 'QUEUED' })),
      unitOf(messageEntry(`${id}-b`)),
    ]);
    if (receipts.every((receipt) => receipt.ok)) process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 6 }, burst));
