/**
 * `npm test`: types, style, unused code, then every test; prints the ten slowest and ends with `N passed, N failed`.
 * `--checks` runs only the first three. Other words go to vitest as they are.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly duration?: number | null }[];
  }[];
}

const root = join(import.meta.dirname, '..');
const reportFile = join(root, 'node_modules/.cache/hitline/tests.json');

function runTool(file: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, words, { cwd: root, stdio: 'inherit' });
    child.on('error', () => resolve(70));
    child.on('exit', (code) => resolve(code ?? 70));
  });
}

function tool(name: string): string {
  return join(root, 'node_modules/.bin', name);
}

async function check(name: string, file: string, words: readonly string[]): Promise<Outcome> {
  const code = await runTool(file, words);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}\n`);
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function runChecks(): Promise<Outcome[]> {
  return [
    await check('types (tsc)', tool('tsc'), ['-p', '.']),
    await check('style (biome)', tool('biome'), ['check', '--diagnostic-level=warn', '.']),
    await check('unused code (knip)', process.execPath, [join(root, 'node_modules/knip/bin/knip.js'), '--no-progress']),
  ];
}

function printSlowest(report: VitestReport): void {
  const timed = report.testResults.flatMap((file) =>
    file.assertionResults.map((one) => ({ name: one.fullName, ms: one.duration ?? 0 })),
  );
  timed.sort((a, b) => b.ms - a.ms);
  process.stdout.write('\nten slowest tests:\n');
  for (const one of timed.slice(0, 10)) process.stdout.write(`  ${(one.ms / 1000).toFixed(2)} s  ${one.name}\n`);
}

async function runTests(words: readonly string[]): Promise<Outcome> {
  mkdirSync(join(reportFile, '..'), { recursive: true });
  rmSync(reportFile, { force: true });
  const code = await runTool(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...words]);
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
  } catch {
    return { name: 'tests', passed: 0, failed: 1, skipped: 0 };
  }
  printSlowest(report);
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    name: 'tests',
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

const words = process.argv.slice(2);
const onlyChecks = words.includes('--checks');
const outcomes = words.length === 0 || onlyChecks ? await runChecks() : [];
if (!onlyChecks) outcomes.push(await runTests(words));
const sum = (field: 'passed' | 'failed' | 'skipped') => outcomes.reduce((total, one) => total + one[field], 0);
const skipped = sum('skipped');
process.stdout.write(
  `\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = sum('failed') === 0 ? 0 : 1;
