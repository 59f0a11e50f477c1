/** `npm run docs`: writes every document that is made from tables. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocs } from './docs/generated-docs.ts';

const root = join(import.meta.dirname, '../..');
for (const { file, text } of await generatedDocs(root)) {
  writeFileSync(join(root, file), text);
  process.stdout.write(`${file}\n`);
}
