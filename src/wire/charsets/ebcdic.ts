/** EBCDIC for iconv-lite, which has none of its own (wire.md 16). Each table: index = byte, value = code point. */
import iconv from 'iconv-lite';
import cp037 from './cp037.json' with { type: 'json' };
import cp500 from './cp500.json' with { type: 'json' };
import cp1047 from './cp1047.json' with { type: 'json' };

/** The pages by the names iconv-lite then knows them by. All three map the 256 bytes one to one onto U+0000–00FF. */
export const ebcdicTables: Readonly<Record<'cp037' | 'cp500' | 'cp1047', readonly number[]>> = { cp037, cp500, cp1047 };

/**
 * Teaches iconv-lite the pages. It must happen before their first use, because codecs are kept once made; and a codec must
 * have been looked up before, because the registry does not exist until then.
 */
function register(): void {
  iconv.getCodec('ascii');
  const registry = iconv.encodings as unknown as Record<string, string | { type: string; chars: string }>;
  for (const [name, table] of Object.entries(ebcdicTables)) {
    registry[name] = { type: '_sbcs', chars: String.fromCharCode(...table) };
    registry[name.replace('cp', 'ibm')] = name;
  }
}

register();
