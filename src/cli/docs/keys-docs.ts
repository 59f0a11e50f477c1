/** docs/keys.md: every message key, drawn from its table. */
import { keyLine, keyPage } from '../../formats/key-page.ts';
import { type CompiledKey, federalLexicon } from '../../formats/lexicon.ts';

const intro = `Each rule says how sure it is. **verified**: read in a public source. **state**: read in a State's public specification of the
transaction, which may be narrower or wider than the FBI's. **recalled**: from general knowledge, in no source read; such a rule
only ever warns. The tags of the sources are explained in [sources.md](sources.md). State keys come from a State profile: see
\`hitline keys --state colorado\`.`;

function families(): ReadonlyMap<string, readonly CompiledKey[]> {
  return Map.groupBy(federalLexicon.keys.values(), (key) => key.table.family);
}

/** The whole document. */
export function keysDocs(): string {
  const parts = [
    '# Message keys',
    '<!-- Made from the tables in src/formats/keys by `npm run docs`; edit there. -->',
    intro,
  ];
  const all = [...federalLexicon.keys.values()].map(keyLine).join('\n');
  parts.push(`## All ${federalLexicon.keys.size}`, `\`\`\`text\n${all}\n\`\`\``);
  for (const [family, keys] of families()) {
    const pages = keys.map((key) => keyPage(key, federalLexicon).join('\n')).join('\n\n');
    parts.push(`## ${family}`, `\`\`\`text\n${pages}\n\`\`\``);
  }
  return `${parts.join('\n\n')}\n`;
}
