/** An empty database that two gateways open at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openMasterKey } from '../../../../src/switch/ledger/cipher.ts';
import { migrate } from '../../../../src/switch/ledger/schema.ts';
import { openSecrets, type Secrets } from '../../../../src/switch/ledger/secrets.ts';
import { kyselyOn } from '../../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';
import { masterKey } from '../sqlite-house.ts';

test('the second finds the secrets of the first, and never a half of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-secrets-'));
  const [one, two] = [openWriting(folder), openWriting(folder)];
  const master = openMasterKey(masterKey);
  await migrate(kyselyOn(one), 'sqlite');
  const seen: Secrets[] = [];
  let isAfterInsert = false;
  // The second opens after each statement by which the first writes.
  const first = kyselyOn(one).withPlugin({
    transformQuery: ({ node }) => {
      isAfterInsert = node.kind === 'InsertQueryNode';
      return node;
    },
    async transformResult({ result }) {
      if (isAfterInsert) seen.push(await openSecrets(kyselyOn(two), master));
      return result;
    },
  });
  const own = await openSecrets(first, master);
  expect(seen).toEqual([own]);
  one.close();
  two.close();
  rmSync(folder, { recursive: true });
});
