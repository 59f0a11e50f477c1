/** A process whose disk is slow: appends a few times and prints how long its loop stood still at most. Words: FOLDER. */
import { openLedger } from '../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { messageEntry, unitOf } from '../../conformance/ledger.ts';

const ledger = await openLedger({
  folder: process.argv[2] ?? '',
  writer: 'gw1',
  masterKey: new Uint8Array(32).fill(7),
});
let longestStillMs = 0;
let longestAppendMs = 0;
let lastMs = performance.now();
const watch = setInterval(() => {
  longestStillMs = Math.max(longestStillMs, performance.now() - lastMs);
  lastMs = performance.now();
}, 20);
for (let n = 0; n < 3; n += 1) {
  const startedMs = performance.now();
  await ledger.append([unitOf(messageEntry(`s-${n}`))]);
  await ledger.state('message', `s-${n}`);
  longestAppendMs = Math.max(longestAppendMs, performance.now() - startedMs);
}
clearInterval(watch);
process.stdout.write(`${JSON.stringify({ longestStillMs, longestAppendMs })}\n`);
await ledger.close();
