import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleMessage } from '../../../src/formats/example.ts';
import {
  buildMessage,
  canonicalText,
  describeMessage,
  guessLine,
  maskText,
  parseMessage,
  readGist,
  readReply,
} from '../../../src/formats/language.ts';
import { type CompiledKey, federalLexicon } from '../../../src/formats/lexicon.ts';
import type { Message } from '../../../src/formats/message.ts';
import { cpuMs, leastCpuMs } from '../../support/cpu-time.ts';
import { messageOf } from '../message-arbitrary.ts';

const keys = [...federalLexicon.keys.values()];
const runsPerKey = 5;

/** Every function of the language, to be called with any text. */
function readEveryWay(text: string): void {
  parseMessage(text);
  for (const line of ['ncic', 'iii', 'nlets', 'state', 'reply'] as const) parseMessage(text, { line });
  readGist(text);
  readReply(text);
  guessLine(text);
  maskText(text);
  describeMessage(text, { reveal: false });
}

function textOf(message: Message): string {
  const built = buildMessage(message);
  if (!built.ok) throw new Error(`a generated message does not build: ${message.key} ${built.faults[0]?.code}`);
  return built.text;
}

/** Checks a law for messages of every key. */
function forEveryKey(law: (message: Message, key: CompiledKey) => void, which = keys): void {
  for (const key of which) {
    fc.assert(
      fc.property(messageOf(key, federalLexicon), (message) => law(message, key)),
      { numRuns: runsPerKey },
    );
  }
}

/** Processor time of a call, in milliseconds, so that a busy machine changes nothing. */
describe('round trips', () => {
  test('parse(build(m)) = m for every key', () => {
    forEveryKey((message) => {
      expect(parseMessage(textOf(message))).toMatchObject({ ok: true });
      const parsed = parseMessage(textOf(message), { line: message.line });
      expect(parsed.ok && parsed.message).toEqual(message);
    });
  });

  test('build(parse(x)) is the same text however x was broken into lines, padded or closed, for every key', () => {
    forEveryKey((message, key) => {
      const text = textOf(message);
      // A period after free text belongs to the text.
      const end = key.table.form === 'free-text' || message.text !== undefined ? '' : '.';
      const noisy = `\n${text.replaceAll('\n', '\r\n\u007f')}${end}\r\n`;
      expect(canonicalText(noisy)).toBe(text);
      expect(canonicalText(text)).toBe(text);
    });
  });

  test('fields in any order are written in that of the key’s table, for every key', () => {
    const several = keys.filter((key) => key.fields.size > 1 && key.table.positions === undefined);
    forEveryKey((message) => {
      const turned = { ...message, fields: Object.fromEntries(Object.entries(message.fields).reverse()) };
      expect(textOf(turned)).toBe(textOf(message));
    }, several);
  });

  test('messages by chance are not all the same: most keys get fields beyond their example', () => {
    const poor = keys.filter((key) => {
      const optional = [...key.fields.values()].filter((field) => field.use?.need !== 'must');
      const least = exampleMessage(key, federalLexicon).fields;
      if (optional.filter((field) => least[field.code] === undefined).length === 0) return false;
      const seen = fc.sample(messageOf(key, federalLexicon), { numRuns: 20, seed: 1 });
      return seen.every((one) => Object.keys(one.fields).length <= Object.keys(least).length);
    });
    // SWQ takes exactly one way of naming the subject.
    expect(poor.map((key) => key.table.key).filter((key) => key !== 'SWQ')).toEqual([]);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    'YQ.',
    'CO0990100',
    '.',
    '/',
    '\n',
    'TXT',
    'NAM/',
    'REM/',
    'NIC/',
    'W000000001',
    '*',
    '1N01',
    'EG.',
    ',',
    '$.H.',
    'MKE/',
    'NO RECORD',
    'REJ',
    ' ',
    '\u007f',
    '\r',
    '08:00 01/01/2030 00001',
    'ER.NL0000000',
    'MIS/',
    'NCIC.',
    '**',
  );
  const soup = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 40 });

  test('is read without throwing, by every way of reading', () => {
    fc.assert(
      fc.property(soup, (parts) => readEveryWay(parts.join(''))),
      { numRuns: 400 },
    );
  });

  test('faults and warnings stay countable and carry no text that was sent', () => {
    fc.assert(
      fc.property(soup, (parts) => {
        const marked = `${parts.join('')}.ZQXJ${'A.'.repeat(200)}`;
        const parsed = parseMessage(marked);
        const notes = parsed.ok ? parsed.warnings : [...parsed.faults, ...parsed.warnings];
        expect(notes.length).toBeLessThanOrEqual(200);
        expect(JSON.stringify(notes)).not.toContain('ZQXJ');
      }),
      { numRuns: 100 },
    );
  });

  function readPlainly(text: string): void {
    parseMessage(text);
    readReply(text);
    readGist(text);
    maskText(text);
  }

  test('1 MB is taken, whatever it is', () => {
    for (const part of ['A', 'NAM/A.', 'MKE/A\n']) {
      expect(() => readPlainly(part.repeat(Math.floor(1_000_000 / part.length)))).not.toThrow();
    }
  });

  test.each([
    ['line breaks', '\n'],
    ['periods', '.'],
    ['blank lines after a free text', 'REM/\n'],
    ['stray pieces', 'A.'],
    ['fields', 'NAM/A.'],
    ['fields without a period', 'NAM/A '],
    ['line breaks in a value', 'A\n A'],
    ['slashes', '/'],
    ['codes without values', 'NAM/'],
    ['bypass keys', 'NCIC.CO0990100.'],
    ['asterisks', '*'],
    ['commas', ','],
    ['control characters', '\u0001\u007f'],
    ['records', 'MKE/A\n'],
    ['wrapped text', 'MIS/A\nB\n'],
    ['no-record lines', 'NO RECORD '],
    ['letters', 'A'],
    ['digits', '1'],
  ])('%s in fourfold length take about fourfold time', (_name, part) => {
    const heads = [
      'YQ.CO0990100.WY0990200.TXT\nREM/',
      '1N01COJ10000001.EG.CO0990100.',
      '1L01COJ10000001\nCO0990100\n\n',
    ];
    for (const head of heads) {
      const text = (chars: number) => `${head}${part.repeat(Math.ceil(chars / part.length))}`;
      const [short, long] = [text(6_000), text(24_000)];
      readPlainly(short);
      const shortMs = leastCpuMs(2, () => readPlainly(short));
      const longMs = leastCpuMs(2, () => readPlainly(long));
      // Quadratic time would be sixteenfold; a floor keeps the granularity of the clock out of it.
      expect(longMs).toBeLessThan(10 * Math.max(shortMs, 5));
    }
  });
});

describe('1 MB', () => {
  /** How much longer the long text takes; a floor and a second and third try keep the collector and the neighbours out of it. */
  function growth(short: string, long: string): number {
    let least = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 3 && least > 8; tries += 1) {
      const shortMs = Math.max(
        cpuMs(() => parseMessage(short)),
        15,
      );
      least = Math.min(least, cpuMs(() => parseMessage(long)) / shortMs);
    }
    return least;
  }

  test.each([
    ['lines without a period', 'A\n A'],
    ['fields without a period', 'MKE/A\n'],
    ['codes between blank lines', '\n \n NAM/'],
    ['fields', 'OCA/A.NIC/'],
    ['control characters', '\u0001\u007f'],
  ])('of %s take about four times as long as 250 kB', (_name, part) => {
    for (const head of ['YQ.CO0990100.WY0990200.TXT\n', '1N01COJ10000001.EW.CO0990100.']) {
      const text = (chars: number) => `${head}${part.repeat(Math.ceil((chars - head.length) / part.length) - 1)}`;
      // Quadratic time would be sixteenfold.
      expect(growth(text(250_000), text(1_000_000))).toBeLessThan(9);
    }
  });
});

describe('damage', () => {
  const coded = keys.filter(
    (key) => key.table.form !== 'free-text' && key.table.fields.length > 0 && key.table.bypass !== true,
  );

  test('a message sent twice in one text is refused', () => {
    forEveryKey((message) => {
      const text = textOf(message);
      expect(parseMessage(`${text}${text}`).ok).toBe(false);
      expect(parseMessage(`${text}\n${text}`).ok).toBe(false);
    }, coded);
  });

  test('a message cut short is refused, or only what stands at the cut is shorter, for every key', () => {
    forEveryKey((message) => {
      const text = textOf(message);
      for (let end = 1; end < text.length; end += 5) {
        const parsed = parseMessage(text.slice(0, end), { line: message.line });
        if (!parsed.ok) continue;
        const { fields } = parsed.message;
        const differing = Object.keys(fields).filter((code) => fields[code]?.join() !== message.fields[code]?.join());
        expect(differing.length).toBeLessThanOrEqual(1);
        for (const code of differing) expect(message.fields[code]?.join()).toContain(fields[code]?.join());
        expect(text).toContain(parsed.message.text ?? '');
        expect(message.destinations).toEqual(parsed.message.destinations);
      }
    });
  });

  test('a garbled message is refused, or reads the same again once written, for every key', () => {
    for (const key of keys) {
      fc.assert(
        fc.property(
          messageOf(key, federalLexicon),
          fc.nat(),
          fc.constantFrom(...'./\n*,A1 -'),
          (message, place, letter) => {
            const text = textOf(message);
            const at = place % text.length;
            const parsed = parseMessage(`${text.slice(0, at)}${letter}${text.slice(at + 1)}`, { line: message.line });
            if (!parsed.ok) return;
            const again = buildMessage(parsed.message);
            if (again.ok) expect(canonicalText(again.text, { line: message.line })).toBe(again.text);
          },
        ),
        { numRuns: 6 },
      );
    }
  });

  test('a message without one of the fields it must have says so, for every key and each such field', () => {
    for (const key of keys) {
      const least = exampleMessage(key, federalLexicon);
      for (const { use } of key.musts) {
        const fields = Object.fromEntries(Object.entries(least.fields).filter(([code]) => code !== use.code));
        const excused = use.unless?.some((code) => fields[code] !== undefined) === true;
        const built = buildMessage({ ...least, fields });
        const notes = built.ok ? built.warnings : built.faults;
        const says = notes.some((one) => one.code === 'FIELD_MISSING' && one.field === use.code);
        expect(says, `${key.table.key} ${use.code}`).toBe(!excused);
      }
    }
  });
});
