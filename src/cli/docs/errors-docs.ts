/** docs/errors.md, made from the fault table. */
import { cliFaults } from '../../faults/cli-faults.ts';
import { consoleFaults } from '../../faults/console-faults.ts';
import type { FaultRow } from '../../faults/fault-row.ts';
import { formatFaults } from '../../faults/format-faults.ts';
import { simulatorFaults } from '../../faults/simulator-faults.ts';
import { switchFaults } from '../../faults/switch-faults.ts';
import { wireFaults } from '../../faults/wire-faults.ts';

const chapters: readonly { readonly title: string; readonly source: string; readonly rows: object }[] = [
  { title: 'The language', source: 'src/faults/format-faults.ts', rows: formatFaults },
  { title: 'The line', source: 'src/faults/wire-faults.ts', rows: wireFaults },
  { title: 'The gateway', source: 'src/faults/switch-faults.ts', rows: switchFaults },
  { title: 'The screens', source: 'src/faults/console-faults.ts', rows: consoleFaults },
  { title: 'The simulator', source: 'src/faults/simulator-faults.ts', rows: simulatorFaults },
  { title: 'The command line', source: 'src/faults/cli-faults.ts', rows: cliFaults },
];

const kinds = { fault: 'fault', refusal: 'refusal', failure: 'failure' } as const;
const audiences = { peer: 'the sender', person: 'the person', installer: 'who runs hitline' } as const;

/** One chapter per table, one row per code. */
export function errorsDocs(): string {
  const parts = chapters.map(({ title, source, rows }) => {
    const lines = Object.entries(rows as Record<string, FaultRow>).map(
      ([code, row]) => `| \`${code}\` | ${kinds[row.kind]} | ${audiences[row.audience]} | ${cell(row.text)} |`,
    );
    return `## ${title}\n\nFrom \`${source}\`.\n\n| code | kind | who can mend it | text |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `# Codes

<!-- Made from the fault tables by \`npm run docs\`; edit there. -->

Everything hitline can report has one code, on every screen, in every log line and in the JSON of the command line. A code
is never used again for something else. A report says where (a field code, an offset) and never what was sent.

- A **fault** is something wrong with what a peer or person sent; all faults of a text come at once.
- A **refusal** is a rule saying no.
- A **failure** is the machine, the network or the configuration letting us down.

${parts.join('\n')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
