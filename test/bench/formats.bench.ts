/**
 * The language on one core, all checks on, against what everybody knows (the aims: parse at least 0.3 × JSON.parse and build at
 * least 0.2 × JSON.stringify of the equivalent object, parse at least 1.5 × fixparser 5.7.7 on a FIX message of that size,
 * 50,000 verdicts a second, a 5 MB rap sheet in linear time, every table compiled at a start in under 50 ms).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildMessage, parseMessage, readReply } from '../../src/formats/language.ts';
import { federalLexicon } from '../../src/formats/lexicon.ts';
import { readMfcRuns } from '../../src/formats/reply/mfc-runs.ts';
import type { Bench } from './rounds.ts';

const entry =
  '1N01COJ10000001.EW.CO0990100.NAM/SAMPLE, ALPHA BRAVO.SEX/M.RAC/W.POB/CO.HGT/602.WGT/180.HAI/BRO.OFF/1399.' +
  'OCA/PRACTICE01.EXL/1.DOW/20260105.DOB/19700101.SOC/001010001.OLN/PRACTICE05.OLS/CO.OLY/2030.LIC/PRAC001.LIS/CO.' +
  'LIT/PC.LIY/2030.EYE/BRO.SKN/MED.SMT/SC L ARM.WNO/PRACTICE04.CTI/CO099013J.MIS/SYNTHETIC RECORD OF A PRACTICE PERSON ' +
  'LAST SEEN ON FOOT NEAR THE RAIL YARD WITH A BLUE COAT.NOA/Y.CTZ/US.ETN/N';

const hit = [
  '1L01COJ10000001',
  'CO0990100',
  '',
  'MKE/WANTED PERSON - CAUTION',
  'ARMED AND DANGEROUS',
  'EXL/1 - FULL EXTRADITION',
  'ORI/WY0990200 NAM/SAMPLE, ALPHA SEX/M RAC/W POB/CO DOB/19700101',
  'HGT/602 WGT/180 EYE/BRO HAI/BRO CTZ/US SKN/MED',
  'OFF/ASSAULT',
  'DOW/20260105 OCA/PRACTICE01',
  'MIS/SYNTHETIC RECORD',
  'ORI IS SAGE COUNTY SHERIFF WY 555 555-0100',
  'NIC/W000000001 DTE/20260105 1200 EST DLU/20260105 1200 EST',
  'IMMED CONFIRM WARRANT AND EXTRADITION WITH ORI',
  '',
].join('\n');
const noRecord =
  '1L01COJ10000001\nCO0990100\n\nNO NCIC WANT NAM/SAMPLE, ALPHA DOB/19700101\nNO NCIC WANT SOC/001010001\n';

/** The day of every reading and building, so that the rules of the future are asked too. */
const today = '20260701';

/** A FIX execution report of the same length as `entry` and about as many fields, with a valid length and checksum. */
function fixMessage(): string {
  const soh = '\u0001';
  const fixed =
    '35=8|34=4|49=PRACTICE01|52=20260323-15:40:29|56=PRACTICE02|37=PRACTICE03|11=PRACTICE04|17=PRACTICE05|150=0|39=0|1=PRACTICE06|' +
    '55=PRAC|54=1|38=100|40=2|44=10.50|59=0|151=100|14=0|6=0|60=20260323-15:40:29|21=1|207=N|15=USD|47=A|18=1|64=20260325|' +
    '75=20260323|58=';
  const rest = entry.length - fixed.length - '8=FIX.4.2|9=413|'.length - '10=000||'.length;
  const body = `${fixed}${'SYNTHETIC ORDER OF A PRACTICE DESK '.repeat(10).slice(0, rest)}|`.replaceAll('|', soh);
  const head = `8=FIX.4.2${soh}9=${body.length}${soh}${body}`;
  let sum = 0;
  for (let at = 0; at < head.length; at += 1) sum += head.charCodeAt(at);
  return `${head}10=${String(sum % 256).padStart(3, '0')}${soh}`;
}

interface FixParser {
  parse(text: string): readonly { readonly checksumValid: boolean }[];
}

/** The peer, installed from its own lock on first use. */
function loadFixParser(bench: Bench): FixParser {
  const folder = join(import.meta.dirname, 'peers/formats');
  if (!existsSync(join(folder, 'node_modules/fixparser'))) {
    bench.note('installing fixparser 5.7.7 from test/bench/peers/formats, once');
    const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'ignore',
    });
    if (done.status !== 0) throw new Error('the bench peer could not be installed');
  }
  const { FIXParser } = createRequire(join(folder, 'package.json'))('fixparser') as { FIXParser: new () => FixParser };
  return new FIXParser();
}

/** Calls a second: the best of many short batches, so that a neighbour on the machine is not measured. */
function rateOf(call: () => unknown, batches: number): () => Promise<number> {
  const callsPerBatch = 200;
  return async () => {
    let best = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      const started = performance.now();
      for (let count = 0; count < callsPerBatch; count += 1) call();
      best = Math.max(best, (callsPerBatch * 1_000) / (performance.now() - started));
    }
    return best;
  };
}

/** A criminal history of about so many characters. */
function rapSheet(chars: number): string {
  const arrest =
    'ARREST PRACTICE AGENCY\nORI/CO0990100 DOA/20200101 OCA/PRACTICE01\nCHARGE 1 SYNTHETIC OFFENSE\nNAM/SAMPLE, ALPHA DOB/19700101\n' +
    '----------------------------------------\n';
  return `2L01COJ10000001\nCO0990100\n\n${arrest.repeat(Math.ceil(chars / arrest.length))}`;
}

/** By processor time, the best of three: a shared machine and its collector would otherwise be measured. */
function megabytesPerSecond(text: string): () => Promise<number> {
  return async () => {
    const times = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      readReply(text);
      const used = process.cpuUsage(before);
      return (used.user + used.system) / 1_000_000;
    });
    return text.length / 1_000_000 / Math.min(...times);
  };
}

/**
 * Milliseconds of a piece of work in a process of its own, by the processor time of its only busy thread: a start that waits for its
 * neighbours is no slower a start. The script prints the figure.
 */
function childMs(script: string): () => Promise<number> {
  return async () => {
    const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', `${cpuScript}${script}`];
    const child = spawnSync(process.execPath, words, { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' });
    if (child.status !== 0) throw new Error('a measured process failed');
    return Number(child.stdout.trim());
  };
}

const cpuScript = `const cpuMs = () => { const used = process.threadCpuUsage(); return (used.user + used.system) / 1000; };
  const home = './src/formats/';`;
/** The rows themselves, and the code that compiles them, are loaded before: what is measured is the compiling and all it reads. */
const compileScript = `
  for (const name of ['keys/all-keys', 'field-table', 'rules/vin', 'rules/dates']) await import(home + name + '.ts');
  let started = cpuMs();
  await import(home + 'code-tables.ts');
  const listsReadMs = cpuMs() - started;
  for (const name of ['rules/value-edits', 'rules/presence', 'compile-field']) await import(home + name + '.ts');
  started = cpuMs();
  const { federalLexicon, readyLexicon } = await import(home + 'lexicon.ts');
  readyLexicon(federalLexicon);
  console.log(listsReadMs + cpuMs() - started);`;
/** The same from nothing: every file of the language is loaded too, its types stripped without a compile cache. */
const coldScript = `const started = cpuMs();
  const { readyLanguage } = await import(home + 'language.ts');
  readyLanguage();
  console.log(cpuMs() - started);`;
const rawScript = `const { readFileSync, readdirSync } = await import('node:fs'); const started = cpuMs();
  const folder = './node_modules/@cityssm/ncic-lookup/data/';
  for (const name of readdirSync(folder)) JSON.parse(readFileSync(folder + name, 'utf8'));
  console.log(cpuMs() - started);`;
const startsCount = 15;

/** Runs every comparison. */
export async function run(bench: Bench): Promise<void> {
  const parsed = parseMessage(entry);
  if (!parsed.ok) throw new Error('the message of the benchmark does not parse');
  const { message } = parsed;
  const built = buildMessage(message);
  if (!built.ok || built.text !== entry) throw new Error('the message of the benchmark does not build');
  const json = JSON.stringify(message);
  const plain = JSON.parse(json) as unknown;
  const fixParser = loadFixParser(bench);
  const fix = fixMessage();
  if (fixParser.parse(fix)[0]?.checksumValid !== true) throw new Error('the FIX message is not valid');
  const batches = bench.short ? 40 : 150;
  bench.note(`NCIC text ${entry.length} characters, JSON ${json.length}, FIX ${fix.length}`);
  const unit = 'messages/s';
  const parse = rateOf(() => parseMessage(entry, { today }), batches);
  await bench.compare({
    case: 'parse against JSON.parse (aim 0.3)',
    unit,
    ours: parse,
    baseline: rateOf(() => JSON.parse(json), batches),
  });
  await bench.compare({
    case: 'build against JSON.stringify (aim 0.2)',
    unit,
    ours: rateOf(() => buildMessage(message, { today }), batches),
    baseline: rateOf(() => JSON.stringify(plain), batches),
  });
  await bench.compare({
    case: 'parse against fixparser 5.7.7 (aim 1.5)',
    unit,
    ours: parse,
    baseline: rateOf(() => fixParser.parse(fix), batches),
  });
  const runs = (text: string) => rateOf(() => readMfcRuns(text, federalLexicon), batches);
  const verdicts = 'verdicts/s';
  await bench.compare({
    case: 'verdict of a hit, against its values alone (aim 50000/s)',
    unit: verdicts,
    ours: rateOf(() => readReply(hit), batches),
    baseline: runs(hit),
  });
  await bench.compare({
    case: 'verdict of no record (aim 50000/s)',
    unit: verdicts,
    ours: rateOf(() => readReply(noRecord), batches),
    baseline: runs(noRecord),
  });
  await bench.compare({
    case: 'rap sheet of 5 MB against one of 0.5 MB (linear: about 1)',
    unit: 'MB/s',
    ours: megabytesPerSecond(rapSheet(5_000_000)),
    baseline: megabytesPerSecond(rapSheet(500_000)),
  });
  const ready = 'processor time in a fresh process, against reading the code lists alone';
  await bench.compare({
    case: `every key and every code list compiled at a start, ${ready} (aim 50 ms)`,
    unit: 'ms',
    ours: childMs(compileScript),
    baseline: childMs(rawScript),
    runs: startsCount,
  });
  await bench.compare({
    case: `the same with all code of the language loaded, ${ready} (no aim)`,
    unit: 'ms',
    ours: childMs(coldScript),
    baseline: childMs(rawScript),
  });
}
